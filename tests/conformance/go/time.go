package main

import (
	"bufio"
	"encoding/json"
	"runtime"
	"time"

	"conformance/session"
)

// timing is how long one Read took, and how many entries it returned.
type timing struct {
	Milliseconds float64 `json:"milliseconds"`
	Entries      int     `json:"entries"`
}

// timeRead writes the timing of one Read for each line, and collects garbage before.
// One process serves all lines, so that the heap grows only once.
func timeRead(dir, id string, in *bufio.Reader, out *bufio.Writer) error {
	answers := json.NewEncoder(out)
	return eachLine(in, func([]byte) error {
		runtime.GC()
		start := time.Now()
		entries, err := session.Read(dir, id)
		taken := time.Since(start)
		if err != nil {
			return err
		}
		if err := answers.Encode(timing{float64(taken.Nanoseconds()) / 1e6, len(entries)}); err != nil {
			return err
		}
		return out.Flush()
	})
}
