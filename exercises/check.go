// Check runs the answers to the exercises in yours, in Go, and says why one is
// wrong.
//
//	go run . [-ja] [-solutions] [SECTION ...]
//
// It runs each answer on small inputs and compares the results with the right
// ones. If they differ, it runs the mistakes that people make on the same
// inputs: the mistake with the same results is the reason. The exit status is 1
// if an answer is wrong, and 2 for wrong usage. check.py does the same for
// Python.
package main

import (
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
)

//go:embed words.json
var wordsJSON []byte

// text is a text by language, en or ja.
type text map[string]string

// words is the content of words.json.
type words struct {
	Exercises []struct{ Section, File, En, Ja string }
	Says      map[string]text
	Mistakes  map[string]text
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the command. It returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("exercises", flag.ContinueOnError)
	flags.SetOutput(stderr)
	ja := flags.Bool("ja", strings.HasPrefix(os.Getenv("LANG"), "ja"), "answer in Japanese")
	ofWhom := flags.Bool("solutions", false, "check the solutions")
	if err := flags.Parse(args); err == flag.ErrHelp {
		return 0
	} else if err != nil {
		return 2
	}
	var w words
	if err := json.Unmarshal(wordsJSON, &w); err != nil {
		panic(err)
	}
	var known []string
	for _, e := range w.Exercises {
		known = append(known, e.Section)
	}
	for _, section := range flags.Args() {
		if !slices.Contains(known, section) {
			fmt.Fprintf(stderr, "exercises: no exercise %q; there are %s\n", section, strings.Join(known, ", "))
			return 2
		}
	}

	language, folder, answers := "en", "yours", ofYours
	if *ja {
		language = "ja"
	}
	if *ofWhom {
		folder, answers = "solutions", ofSolutions
	}
	status := 0
	for _, e := range w.Exercises {
		if flags.NArg() > 0 && !slices.Contains(flags.Args(), e.Section) {
			continue
		}
		v := check(e.File, answers)
		title := e.En
		if *ja {
			title = e.Ja
		}
		fmt.Fprintf(stdout, "%-6s %s (%s/%s.go): %s\n", e.Section, title, folder, e.File, w.Says[v.says][language])
		for _, key := range v.mistakes {
			fmt.Fprintf(stdout, "       %s\n", w.Mistakes[key][language])
		}
		if v.got != "" {
			fmt.Fprintf(stdout, "       "+w.Says["differs"][language]+"\n", v.input, v.got, v.want)
		}
		if v.says == "wrong" {
			status = 1
		}
	}
	return status
}

// verdict is the verdict on an exercise.
type verdict struct {
	says             string   // right, same bits, so far, not yet or wrong
	mistakes         []string // the keys of the mistakes that were recognized
	input, got, want string   // a result that no mistake explains
}

// check runs the answers to the exercise in file.
func check(file string, a answers) verdict {
	results := inputs[file](a)
	isDone := func(r result) bool { return !r.notYet }
	if !slices.ContainsFunc(results, isDone) {
		return verdict{says: "not yet"}
	}
	h, ok := stepOf(file, a)
	switch {
	case !ok || math.Abs(h-1e-4) < 1e-11:
		h = 1e-4
	case h < 1e-7:
		return verdict{says: "wrong", mistakes: []string{"h too small"}}
	case h > 1.5e-3:
		return verdict{says: "wrong", mistakes: []string{"h too large"}}
	}

	want := inputs[file](differ("", quotient{}).make(h))
	var bad []int
	exact, complete := false, true
	for i, r := range results {
		if r.notYet {
			complete = false
		} else if !same(r, want[i]) {
			bad = append(bad, i)
		}
		exact = exact || r.book != 0
	}
	if len(bad) == 0 {
		if !complete {
			return verdict{says: "so far"}
		}
		for _, r := range results {
			exact = exact && (r.book == 0 || r.values[0] == r.book)
		}
		if exact {
			return verdict{says: "same bits"}
		}
		return verdict{says: "right"}
	}

	// A mistake explains a group of results if it gives all of them. The mistake
	// that explains most comes first.
	v := verdict{says: "wrong"}
	explained := map[string]bool{}
	for {
		var most []string
		key := ""
		for _, m := range mistakes[file] {
			if groups := explains(results, inputs[file](m.make(h)), bad, explained); len(groups) > len(most) {
				most, key = groups, m.key
			}
		}
		if key == "" {
			break
		}
		v.mistakes = append(v.mistakes, key)
		for _, g := range most {
			explained[g] = true
		}
	}
	for _, i := range bad {
		if r := results[i]; !explained[r.group] && v.got == "" {
			v.input, v.got, v.want = r.input, r.text(), want[i].text()
		}
	}
	return v
}

// explains returns the groups with bad results, not explained yet, in which all
// results are those of a mistake.
func explains(results, made []result, bad []int, explained map[string]bool) []string {
	var groups []string
	for _, i := range bad {
		group := results[i].group
		if explained[group] || slices.Contains(groups, group) {
			continue
		}
		all := true
		for j, r := range results {
			all = all && (r.group != group || r.notYet || same(r, made[j]))
		}
		if all {
			groups = append(groups, group)
		}
	}
	return groups
}

// stepOf returns the h of an answer, the distance by which it moves a variable,
// and whether the exercise has an h.
func stepOf(file string, a answers) (h float64, ok bool) {
	see := func(x float64) { h, ok = max(h, math.Abs(x-2)), true }
	f := func(x []float64) float64 {
		for _, v := range x {
			see(v)
		}
		return 0
	}
	defer func() { recover() }() // the inputs report a panic
	switch file {
	case "numerical_diff":
		a.NumericalDiff(func(x float64) float64 { see(x); return 0 }, 2)
	case "partial_derivatives":
		a.PartialDiff(f, []float64{2, 2}, 1)
	case "numerical_gradient":
		a.NumericalGradient(f, []float64{2})
	}
	return h, ok
}

func same(a, b result) bool {
	return (a.panics == "") == (b.panics == "") && slices.EqualFunc(a.values, b.values, func(x, y float64) bool {
		return x == y || math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= 1e-9+1e-7*math.Abs(y)
	})
}

// text returns the values or the panic.
func (r result) text() string {
	if r.panics != "" {
		return "panic: " + r.panics
	}
	return strings.Trim(fmt.Sprint(r.values), "[]")
}
