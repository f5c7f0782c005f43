package latency

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// record is a line of the server's trace or of the lab's log. Times are Unix
// nanoseconds.
type record struct {
	Kind string `json:"kind"`

	Received int64 `json:"received"` // of an input
	Injected int64 `json:"injected"`

	RTP       uint32 `json:"rtp"` // of a frame
	Captured  int64  `json:"captured"`
	Converted int64  `json:"converted"`
	Started   int64  `json:"encode_start"`
	Encoded   int64  `json:"encoded"`
	Sent      int64  `json:"sent"`

	Inputs uint32 `json:"inputs"` // of a press
	Seen   int64  `json:"seen"`
	Drawn  int64  `json:"drawn"`
}

// records is what the server and the lab have written.
type records struct {
	inputs  []record          // that the server injected
	frames  map[uint32]record // that it sent, by RTP timestamp
	presses []record          // that the lab saw
}

// readRecords reads a file of lines, which may end in the middle of one: its
// writer may have been stopped.
func (r *records) readFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := r.read(f); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (r *records) read(from io.Reader) error {
	if r.frames == nil {
		r.frames = map[uint32]record{}
	}
	reader := bufio.NewReader(from)
	for {
		line, err := reader.ReadBytes('\n')
		if err == io.EOF {
			return nil // what has no end is no line
		}
		if err != nil {
			return err
		}
		var l record
		if err := json.Unmarshal(line, &l); err != nil {
			return err
		}
		switch l.Kind {
		case "input":
			r.inputs = append(r.inputs, l)
		case "frame":
			r.frames[l.RTP] = l
		case "press":
			r.presses = append(r.presses, l)
		}
	}
}
