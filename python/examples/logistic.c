/* Logistic regression in C, which answers gradcheck:

       cc -o logistic logistic.c -lm
       gradcheck -loss ./logistic

   The planted bug, with an argument, is a gradient without the last sample. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 50, D = 20 };
static double x[N][D], w[D + 1], g[D + 1]; /* w[D] is the bias */

static double loss(int samples, double *gradient)
{
	double sum = 0;
	for (int n = 0; n < samples; n++) {
		double a = w[D], t = n % 2;
		for (int i = 0; i < D; i++) a += x[n][i] * w[i];
		sum += log1p(exp(-fabs(a))) + fmax(a, 0) - t * a;
		if (!gradient) continue;
		double d = (1 / (1 + exp(-a)) - t) / N;
		for (int i = 0; i < D; i++) gradient[i] += d * x[n][i];
		gradient[D] += d;
	}
	return sum / N;
}

static void list(const char *name, const double *v, int n)
{
	printf("\"%s\":[%.17g", name, v[0]);
	for (int i = 1; i < n; i++) printf(",%.17g", v[i]);
	printf("]");
}

static void param(const char *name, int from, int n)
{
	printf("{\"name\":\"%s\",", name);
	list("values", w + from, n), printf(","), list("gradient", g + from, n);
	printf("}");
}

int main(int argc, char *argv[])
{
	(void)argv;
	static char line[1 << 16];
	for (int i = 0; i < D; i++) w[i] = sin(i);
	for (int n = 0; n < N; n++) for (int i = 0; i < D; i++) x[n][i] = cos(n * D + i);
	loss(argc > 1 ? N - 1 : N, g);
	printf("{\"params\":["), param("w", 0, D), printf(","), param("b", D, 1), printf("]}\n");
	while (fflush(stdout), fgets(line, sizeof line, stdin)) {
		if (!strncmp(line, "{\"loss\"", 7)) printf("{\"loss\":%.17g}\n", loss(N, NULL));
		else if (strncmp(line, "{\"set\"", 6)) return 0; /* the report */
		for (char *s = line + 8; (s = strchr(s, '[')); ) { /* [parameter,first,values…] */
			int p = strtol(s + 1, &s, 10), i = strtol(s + 1, &s, 10);
			while (*s == ',') w[p * D + i++] = strtod(s + 1, &s);
		}
	}
	return 0;
}
