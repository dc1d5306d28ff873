package pipe_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"numgrad/gradcheck/pipe"
)

// program plays the other process. The loss is (w0² + w1²)/2, at w = (1, 2).
func program(in io.Reader, out io.Writer) {
	w := []float64{1, 2}
	fmt.Fprintln(out, `{"params":[{"name":"w","values":[1,2],"gradient":[1,20]}]}`)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var request struct {
			Set  [][]float64
			Loss bool
		}
		json.Unmarshal(lines.Bytes(), &request)
		for _, run := range request.Set {
			copy(w[int(run[1]):], run[2:])
		}
		if request.Loss {
			fmt.Fprintf(out, "{\"loss\":%v}\n", (w[0]*w[0]+w[1]*w[1])/2)
		}
	}
}

func ExampleOpen() {
	in, requests, _ := os.Pipe()
	answers, out, _ := os.Pipe()
	go program(in, out)

	m, err := pipe.Open(context.Background(), answers, requests, time.Minute)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := m.Check(nil)
	if err != nil {
		m.End(pipe.Outcome{Error: err.Error()})
		fmt.Println(err)
		return
	}
	fmt.Println(report.Err())
	m.End(pipe.Outcome{Report: report.String(), Agrees: report.Err() == nil})
	// Output: gradcheck: wrong: w: w[1] alone
}
