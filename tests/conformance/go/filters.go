package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"

	"conformance/session"
)

// canonicalized is the outcome of decoding a line and encoding it again. Step
// names the half that failed.
type canonicalized struct {
	Out   []byte `json:"out_b64,omitempty"`
	Step  string `json:"step,omitempty"`
	Error string `json:"error,omitempty"`
}

func canonicalize(line []byte) canonicalized {
	var entry session.Entry
	if err := json.Unmarshal(line, &entry); err != nil {
		return canonicalized{Step: "unmarshal", Error: err.Error()}
	}
	out, err := json.Marshal(entry)
	if err != nil {
		return canonicalized{Step: "marshal", Error: err.Error()}
	}
	return canonicalized{Out: out}
}

// canonicalizeLines writes the outcome of each base64 line.
func canonicalizeLines(in *bufio.Reader, out *bufio.Writer) error {
	answers := json.NewEncoder(out)
	return eachLine(in, func(text []byte) error {
		line := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
		n, err := base64.StdEncoding.Decode(line, text)
		if err != nil {
			return err
		}
		return answers.Encode(canonicalize(line[:n]))
	})
}

// sessionRead is what Read returned: each entry encoded, or nil when json.Marshal
// refuses the entry.
type sessionRead struct {
	Entries [][]byte `json:"entries_b64"`
	Error   string   `json:"error"`
}

func readSession(dir, id string) sessionRead {
	entries, err := session.Read(dir, id)
	result := sessionRead{Entries: make([][]byte, len(entries))}
	for i, entry := range entries {
		// Marshal returns nil for an entry that it refuses, and nil is written as null.
		result.Entries[i], _ = json.Marshal(entry)
	}
	if err != nil {
		result.Error = err.Error()
	}
	return result
}

func readSessions(dir string, ids []string, out *bufio.Writer) error {
	answers := json.NewEncoder(out)
	for _, id := range ids {
		if err := answers.Encode(readSession(dir, id)); err != nil {
			return err
		}
	}
	return nil
}

// appendLines appends the entry of each line, and writes "ok" once the entry is
// in the file, so that another writer can append next.
func appendLines(dir, id string, in *bufio.Reader, out *bufio.Writer) error {
	return eachLine(in, func(line []byte) error {
		var entry session.Entry
		if err := json.Unmarshal(line, &entry); err != nil {
			return err
		}
		if err := session.Append(dir, id, entry); err != nil {
			return err
		}
		if _, err := out.WriteString("ok\n"); err != nil {
			return err
		}
		return out.Flush()
	})
}

// eachLine calls f with each line of in, of any length, without its newline.
func eachLine(in *bufio.Reader, f func(line []byte) error) error {
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if line[len(line)-1] == '\n' {
			line = line[:len(line)-1]
		}
		if err := f(line); err != nil {
			return err
		}
	}
}
