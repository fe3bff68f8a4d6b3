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

// timeRead answers each line with the timing of one Read, garbage collected before.
// One process for all of them, so that none pays for growing the heap again.
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
