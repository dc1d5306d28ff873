package pipe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"numgrad/gradcheck"
	"numgrad/gradcheck/pipe"
)

// outcome is what is left of a check of the helper.
type outcome struct {
	report *gradcheck.Report
	err    error  // of Start, Check or End, without the command before it
	said   string // what the helper had to say at its end
	stderr string
}

// check has the helper checked that does what the name says.
func check(t *testing.T, ctx context.Context, what string, limit time.Duration) outcome {
	t.Helper()
	verdict := filepath.Join(t.TempDir(), "verdict")
	command := fmt.Sprintf("%s='%s' %s='%s' exec '%s'", helperVariable, what, verdictVariable, verdict, os.Args[0])
	var o outcome
	var stderr strings.Builder
	m, err := pipe.Start(ctx, command, &stderr, limit)
	if err == nil {
		end := pipe.Outcome{}
		if o.report, err = m.Check(ctx, nil); err != nil {
			end.Error = err.Error()
			m.End(end)
		} else {
			end.Report, end.Agrees = o.report.String(), o.report.Err() == nil
			err = m.End(end)
		}
	}
	if err != nil {
		o.err = errors.New(strings.TrimPrefix(err.Error(), command+": "))
	}
	o.stderr = stderr.String()
	said, _ := os.ReadFile(verdict)
	o.said = string(said)
	return o
}

// Programs that answer: the verdict is that on the loss and the gradient, and
// the program has its first values back, to the bit.
func TestCheck(t *testing.T) {
	for _, test := range []struct{ what, said string }{
		{"right", "restored, agrees true: agrees: w, b"},
		{"float32", "restored, agrees true: agrees: w, b"},
		{"wrong", "restored, agrees false: wrong: w: w\\[1,1] alone.*"},
		{"NaN gradient", "restored, agrees false: wrong: w: w\\[0,2] alone: not finite"},
		{"is NaN", "restored, agrees false: no verdict: the loss is NaN"},
		{"is infinite above", "restored, agrees true: agrees: w, b"},
		{"changes", "restored, agrees false: no verdict: the loss is 1, and when asked again 2.*"},
		{"is deaf", "restored, agrees false: no verdict: the loss does not change.*"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			o := check(t, context.Background(), test.what, time.Minute)
			if o.err != nil {
				t.Fatal(o.err)
			}
			if !regexp.MustCompile("^" + test.said + "$").MatchString(o.said) {
				t.Errorf("the program says\n%s, want\n%s", o.said, test.said)
			}
			if o.stderr != "" {
				t.Errorf("on standard error: %s", o.stderr)
			}
		})
	}
}

// Programs that fail: one line says what happened, with their last words, and
// where they can still read they have their first values back.
func TestFailures(t *testing.T) {
	for _, test := range []struct {
		what, err, said string
		limit           time.Duration
	}{
		{"dies at once", "ended with exit status 3 before it named its parameters; its last words: no such module: numpy", "", time.Minute},
		{"hangs at once", "gave no answer within the time limit of 5s; its last words: loading", "", 5 * time.Second},
		{"greets", `said "epoch 1" where \{"params": …\} is expected; its standard output is the pipe, so let it print to standard error`, "", time.Minute},
		{"dies", "ended with exit status 1 where a loss was expected; its last words: out of memory", "", time.Minute},
		{"is killed", "ended with signal: killed where a loss was expected", "", time.Minute},
		{"dies in its answer", "ended with exit status 0 where a loss was expected", "", time.Minute},
		{"hangs", "gave no answer within the time limit of 5s; its last words: waiting for a lock", "", 5 * time.Second},
		{"nonsense", `said "loss: 3" where \{"loss": …\} is expected; its standard output is the pipe, so let it print to standard error`, "restored, error: ", time.Minute},
		{"endless", `said .*, more than 65536 bytes without an end of line`, "", time.Minute},
		{"answers twice", `said .* without being asked`, "restored, error: ", time.Minute},
		{"reports", "reports ZeroDivisionError: division by zero", "restored, error: ", time.Minute},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			o := check(t, context.Background(), test.what, test.limit)
			if o.err == nil || o.report != nil {
				t.Fatalf("no error, but %v", o.report)
			}
			if !regexp.MustCompile("^" + test.err + "$").MatchString(o.err.Error()) {
				t.Errorf("got  %v\nwant %s", o.err, test.err)
			}
			if !strings.HasPrefix(o.said, test.said) {
				t.Errorf("the program says %q, want %q…", o.said, test.said)
			}
			if time.Since(begin) > time.Minute {
				t.Errorf("it took %v", time.Since(begin))
			}
		})
	}
}

// An interrupt leaves the program with its first values, and tells it why.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(2*time.Second, cancel)
	o := check(t, ctx, "is slow", time.Minute)
	if o.err == nil || o.err.Error() != "interrupted" {
		t.Errorf("error %v, want interrupted", o.err)
	}
	if want := "restored, error: interrupted"; o.said != want {
		t.Errorf("the program says %q, want %q", o.said, want)
	}
}

// A program that does not end has been told the report, and is killed.
func TestGoesOn(t *testing.T) {
	t.Parallel()
	o := check(t, context.Background(), "goes on", 5*time.Second)
	if o.report == nil || o.err == nil || !strings.HasSuffix(o.err.Error(), "killed, because it did not end within the time limit of 5s after its last line") {
		t.Errorf("report %v, error %v", o.report, o.err)
	}
}

func TestNoSuchProgram(t *testing.T) {
	_, err := pipe.Start(context.Background(), "/no/such/program", io.Discard, time.Minute)
	if err == nil || !strings.HasPrefix(err.Error(), "/no/such/program: ended with exit status 127 before it named its parameters; its last words: ") {
		t.Errorf("error %v", err)
	}
}
