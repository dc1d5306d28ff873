package train_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"numgrad/train"
)

const line1 = `{"epoch":1,"iteration":600,"loss":1.5,"train_acc":0.5,"test_acc":0.25,"seconds":1.142}` + "\n"

func TestReadLog(t *testing.T) {
	lines, err := train.ReadLog(strings.NewReader(line1))
	want := train.LogLine{Epoch: train.Epoch{Epoch: 1, Iteration: 600, Loss: 1.5, TrainAcc: 0.5, TestAcc: 0.25}, Seconds: 1.142}
	if err != nil || len(lines) != 1 || lines[0] != want {
		t.Fatalf("%+v, %v", lines, err)
	}
	for text, want := range map[string]string{
		line1 + line1:               "line 2: epoch is 1, want 2",
		line1[:20]:                  "line 1: want one JSON object",
		line1[:len(line1)-1] + "{}": "line 2: epoch is 0, want 2",
		`{"epoch":1,"x":1}`:         "line 1: want one JSON object",
		`{"epoch":1}`:               "line 1: iteration is 0",
		strings.Replace(line1, "0.25", "1.25", 1): "line 1: train_acc and test_acc are 0.5 and 1.25",
		strings.Replace(line1, "1.5", "-1", 1):    "line 1: loss is -1",
		strings.Replace(line1, "1.142", "-1", 1):  "line 1: seconds is -1",
	} {
		if _, err := train.ReadLog(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

// What is read is written as it was understood.
func FuzzReadLog(f *testing.F) {
	f.Add([]byte(line1))
	f.Add([]byte(line1 + strings.Replace(line1, `"epoch":1`, `"epoch":2`, 1)))
	f.Add([]byte("\n"))
	f.Add([]byte(`{"epoch":1,"iteration":1,"loss":1e999}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines, err := train.ReadLog(bytes.NewReader(text))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := train.WriteLog(&out, lines); err != nil {
			t.Fatal(err)
		}
		if again, err := train.ReadLog(&out); err != nil || !reflect.DeepEqual(again, lines) {
			t.Errorf("%q: %v is read again as %v, %v", text, lines, again, err)
		}
	})
}
