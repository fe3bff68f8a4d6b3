// Command reference runs the Go original, the session package. It makes the
// conformance vectors again, and the tests compare the package with it.
package main

import (
	"bufio"
	"fmt"
	"os"
)

const usage = `usage:
  reference remake [--check] DIR   recompute the outcomes in DIR/canonicalize.jsonl and DIR/read.jsonl;
                                   --check writes nothing, names each difference, and exits 1 if there is one
  reference canonicalize           a base64 line on each input line; an outcome as JSON on each output line
  reference read DIR ID...         what Read returns for each ID, as one line of JSON
  reference time DIR ID            reads the log once per input line; prints milliseconds and entries as JSON
  reference append DIR ID          an entry as JSON on each input line; each is appended and confirmed by a line
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	switch {
	case len(args) == 2 && args[0] == "remake":
		return remake(args[1], false, out)
	case len(args) == 3 && args[0] == "remake" && args[1] == "--check":
		return remake(args[2], true, out)
	case len(args) == 1 && args[0] == "canonicalize":
		return canonicalizeLines(in, out)
	case len(args) >= 3 && args[0] == "read":
		return readSessions(args[1], args[2:], out)
	case len(args) == 3 && args[0] == "time":
		return timeRead(args[1], args[2], in, out)
	case len(args) == 3 && args[0] == "append":
		return appendLines(args[1], args[2], in, out)
	}
	return fmt.Errorf("cannot run %q\n%s", args, usage)
}
