package train

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// LogLine is an epoch of a training's log, with the time that it took.
type LogLine struct {
	Epoch
	// Seconds is the wall time of the epoch, accuracies included: of its last
	// part, if the training was resumed in its middle; 0 if it is not known.
	Seconds float64 `json:"seconds"`
}

// WriteLog writes a JSON object for each line.
func WriteLog(w io.Writer, lines []LogLine) error {
	encoder := json.NewEncoder(w)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// ReadLog reads what [WriteLog] has written. An error names the line and what
// is wrong with it.
func ReadLog(r io.Reader) ([]LogLine, error) {
	var lines []LogLine
	for scanner := bufio.NewScanner(r); ; {
		if !scanner.Scan() {
			return lines, scanner.Err()
		}
		line, err := parseLine(scanner.Bytes(), len(lines)+1)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", len(lines)+1, err)
		}
		lines = append(lines, line)
	}
}

func parseLine(text []byte, epoch int) (LogLine, error) {
	var line LogLine
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&line); err != nil {
		return line, fmt.Errorf("want one JSON object of an epoch: %w", err)
	}
	if rest := bytes.TrimSpace(text[decoder.InputOffset():]); len(rest) > 0 {
		return line, fmt.Errorf("want nothing behind the JSON object, it has %.20q", rest)
	}
	if !(line.Seconds >= 0) {
		return line, fmt.Errorf("seconds is %v, want a number from 0 up", line.Seconds)
	}
	return line, line.Epoch.check(epoch)
}

// check returns an error unless e can be the epoch of that number.
func (e Epoch) check(number int) error {
	share := func(v float64) bool { return 0 <= v && v <= 1 }
	switch {
	case e.Epoch != number:
		return fmt.Errorf("epoch is %d, want %d", e.Epoch, number)
	case e.Iteration < number:
		return fmt.Errorf("iteration is %d, want at least one for each epoch", e.Iteration)
	case !(e.Loss >= 0) || math.IsInf(e.Loss, 1):
		return fmt.Errorf("loss is %v, want a number from 0 up", e.Loss)
	case !share(e.TrainAcc) || !share(e.TestAcc):
		return fmt.Errorf("train_acc and test_acc are %v and %v, want shares from 0 to 1", e.TrainAcc, e.TestAcc)
	}
	return nil
}
