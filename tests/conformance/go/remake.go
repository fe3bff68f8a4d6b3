package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// canonicalizeVector and readVector are lines of the vector files, with their
// members in the order in which they are written.
type canonicalizeVector struct {
	ID       string          `json:"id"`
	LineB64  json.RawMessage `json:"line_b64,omitempty"`
	Parts    json.RawMessage `json:"parts,omitempty"`
	OK       bool            `json:"ok"`
	OutB64   json.RawMessage `json:"out_b64,omitempty"`
	OutParts json.RawMessage `json:"out_parts,omitempty"`
	Error    string          `json:"error"`
}

type readVector struct {
	ID      string            `json:"id"`
	FileB64 json.RawMessage   `json:"file_b64,omitempty"`
	Parts   json.RawMessage   `json:"parts,omitempty"`
	Absent  bool              `json:"absent,omitempty"`
	Entries []json.RawMessage `json:"entries_b64"`
	Error   string            `json:"error"`
}

// remake recomputes each outcome in the two files below dir. With check it
// writes nothing, and fails when a line differs from what it would write.
func remake(dir string, check bool, out io.Writer) error {
	canonicalizeDiffers, err := remakeFile(filepath.Join(dir, "canonicalize.jsonl"), check, out, remakeCanonicalize)
	if err != nil {
		return err
	}
	readDiffers, err := remakeFile(filepath.Join(dir, "read.jsonl"), check, out, remakeRead)
	if err != nil {
		return err
	}
	if check && canonicalizeDiffers+readDiffers > 0 {
		return errors.New("the recorded outcomes are not those of this program")
	}
	return nil
}

// remakeFile passes each line of the file to again, which returns the id and
// the new line.
func remakeFile(path string, check bool, out io.Writer, again func(line []byte) (string, any, error)) (int, error) {
	recorded, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	var remade bytes.Buffer
	lines := json.NewEncoder(&remade)
	lines.SetEscapeHTML(false)
	count, differ := 0, 0
	err = eachLine(bufio.NewReader(bytes.NewReader(recorded)), func(line []byte) error {
		count++
		start := remade.Len()
		id, vector, err := again(line)
		if err != nil {
			return fmt.Errorf("%s line %d: %w", path, count, err)
		}
		if err := lines.Encode(vector); err != nil {
			return err
		}
		if now := bytes.TrimSuffix(remade.Bytes()[start:], []byte("\n")); !bytes.Equal(now, line) {
			differ++
			fmt.Fprintf(out, "%s: %s differs\n", filepath.Base(path), id)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "%s: %d vectors, %d differ\n", filepath.Base(path), count, differ)
	if check || differ == 0 {
		return differ, nil
	}
	if err := os.WriteFile(path+".new", remade.Bytes(), 0o644); err != nil {
		return 0, err
	}
	return differ, os.Rename(path+".new", path)
}

func remakeCanonicalize(text []byte) (string, any, error) {
	var v canonicalizeVector
	if err := json.Unmarshal(text, &v); err != nil {
		return "", nil, err
	}
	line, err := inputBytes(v.LineB64, v.Parts)
	if err != nil {
		return v.ID, nil, err
	}
	outcome := canonicalize(line)
	v.OK = outcome.Step == ""
	v.Error = validText(outcome.Error)
	out, err := sameOrBase64(v.OutParts, append([]byte{}, outcome.Out...))
	v.OutB64, v.OutParts = nil, nil
	if isParts(out) {
		v.OutParts = out
	} else {
		v.OutB64 = out
	}
	return v.ID, v, err
}

func remakeRead(text []byte) (string, any, error) {
	var v readVector
	if err := json.Unmarshal(text, &v); err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return v.ID, nil, err
	}
	defer os.RemoveAll(dir)
	if !v.Absent {
		file, err := inputBytes(v.FileB64, v.Parts)
		if err != nil {
			return v.ID, nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, "session.jsonl"), file, 0o600); err != nil {
			return v.ID, nil, err
		}
	}
	outcome := readSession(dir, "session")
	v.Error = validText(outcome.Error)
	before := v.Entries
	v.Entries = make([]json.RawMessage, len(outcome.Entries))
	for i, entry := range outcome.Entries {
		var recorded json.RawMessage
		if i < len(before) {
			recorded = before[i]
		}
		if v.Entries[i], err = sameOrBase64(recorded, entry); err != nil {
			return v.ID, nil, err
		}
	}
	return v.ID, v, nil
}

func isParts(value json.RawMessage) bool { return len(value) > 0 && value[0] == '[' }

func inputBytes(base64, parts json.RawMessage) ([]byte, error) {
	if parts != nil {
		return recordedBytes(parts)
	}
	return recordedBytes(base64)
}

// recordedBytes reads a base64 string, a list of parts, or null, which is nil.
func recordedBytes(value json.RawMessage) ([]byte, error) {
	if !isParts(value) {
		var b []byte
		err := json.Unmarshal(value, &b)
		return b, err
	}
	var parts []struct {
		Bytes  []byte `json:"b64"`
		Repeat []byte `json:"repeat_b64"`
		Times  int    `json:"times"`
	}
	err := json.Unmarshal(value, &parts)
	joined := []byte{}
	for _, p := range parts {
		joined = append(append(joined, p.Bytes...), bytes.Repeat(p.Repeat, p.Times)...)
	}
	return joined, err
}

// sameOrBase64 keeps the recorded parts when they still stand for the bytes,
// because finding the repetitions again would be a guess.
func sameOrBase64(recorded json.RawMessage, now []byte) (json.RawMessage, error) {
	if isParts(recorded) {
		before, err := recordedBytes(recorded)
		if err != nil || bytes.Equal(before, now) {
			return recorded, err
		}
	}
	return json.Marshal(now)
}

// validText replaces each byte that is not UTF-8 with U+FFFD itself, because
// encoding/json would write it as an escape.
func validText(text string) string { return string([]rune(text)) }
