package usage_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"numgrad/internal/usage"
)

// A command with one flag, which may follow its arguments.
func Example() {
	flags := flag.NewFlagSet("count", flag.ContinueOnError)
	n := flags.Int("n", 1, "count to `number`")
	files, err := usage.Parse(flags, "usage: count [flags] file...", []string{"a", "-n", "3", "b"}, os.Stdout)
	fmt.Println(files, *n, err)
	_, err = usage.Parse(flags, "usage: count [flags] file...", []string{"-h"}, os.Stdout)
	fmt.Println(err == flag.ErrHelp)
	// Output:
	// [a b] 3 <nil>
	// usage: count [flags] file...
	//
	// flags:
	//   -n number
	//     	count to number (default 1)
	// true
}

func TestParse(t *testing.T) {
	for _, test := range []struct {
		args   []string
		others []string
		want   string
	}{
		{nil, nil, ""},
		{[]string{"-q", "a", "--", "-q", "b"}, []string{"a", "-q", "b"}, ""},
		{[]string{"--", "a", "-q"}, []string{"a", "-q"}, ""},
		{[]string{"a", "--", "b"}, []string{"a", "b"}, ""},
		{[]string{"--", "--"}, []string{"--"}, ""},
		{[]string{"-", "-q"}, []string{"-"}, ""},
		{[]string{"-n", "abc", "-foo"}, nil, `invalid value "abc" for flag -n: parse error: see count -h`},
		{[]string{"a", "-foo"}, nil, "flag provided but not defined: -foo: see count -h"},
		{[]string{"-n"}, nil, "flag needs an argument: -n: see count -h"},
		{[]string{"-a\nb\x1b"}, nil, `"flag provided but not defined: -a\nb\x1b": see count -h`},
	} {
		flags := flag.NewFlagSet("count", flag.ContinueOnError)
		flags.Int("n", 1, "number")
		flags.Bool("q", false, "quiet")
		var out strings.Builder
		flags.SetOutput(&out) // where package flag would write the whole usage
		others, err := usage.Parse(flags, "usage: count", test.args, &out)
		if err == nil {
			err = errors.New("")
		}
		if !slices.Equal(others, test.others) || err.Error() != test.want || out.Len() > 0 {
			t.Errorf("%q: got %q, %q and output %q, want %q and %q", test.args, others, err, out.String(), test.others, test.want)
		}
	}
}
