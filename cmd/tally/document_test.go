package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestDocument runs the commands of docs/operators/tally.md, in order, and
// compares what they print with what the document shows: standard output, then
// errors and hints, then the exit status if it is not 0. Hashes may differ.
func TestDocument(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../docs/operators/tally.md")
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "document.txtar")
	if err := os.WriteFile(script, scriptOf(t, string(b)), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files: []string{script},
		Setup: setUp,
		Cmds:  map[string]func(ts *testscript.TestScript, neg bool, args []string){"answer": answer, "printed": printed},
	})
}

var consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")

// scriptOf makes a script of a document's commands. A trustee's program is
// another: its answer is made without it.
func scriptOf(t *testing.T, document string) []byte {
	t.Helper()
	a := new(txtar.Archive)
	script := new(bytes.Buffer)
	fmt.Fprintln(script, "cp nothing wrong.json")
	for _, block := range consoleBlock.FindAllStringSubmatch(document, -1) {
		for _, run := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			command, output, _ := strings.Cut(run, "\n")
			fields := strings.Fields(command)
			if fields[0] == "ceremony" {
				file := fields[len(fields)-1]
				fmt.Fprintf(script, "answer %s %s %s\n", regexp.MustCompile(`\d`).FindString(file), fields[3], file)
				continue
			}
			if strings.Contains(command, "--authority") {
				command += " --passphrase-file phrase"
			}
			if strings.Contains(output, "exit status") {
				command = "! exec " + command
			} else {
				command = "exec " + command
			}
			name := fmt.Sprintf("output-%d", len(a.Files))
			a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(output)})
			fmt.Fprintf(script, "%s\nprinted %s\n", command, name)
		}
	}
	if len(a.Files) < 10 {
		t.Fatalf("only %d commands in the document", len(a.Files))
	}
	a.Files = append(a.Files, txtar.File{Name: "nothing"})
	a.Comment = script.Bytes()
	return txtar.Format(a)
}

var (
	hash     = regexp.MustCompile(`[0-9a-f]{64}`)
	progress = regexp.MustCompile(`(?m)^(ballots|stations): .*\n`)
	status   = regexp.MustCompile(`(?m)^exit status \d\n`)
)

// printed FILE compares what the last command printed with a file.
func printed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: printed FILE")
	}
	got := ts.ReadFile("stdout") + progress.ReplaceAllString(ts.ReadFile("stderr"), "")
	want := status.ReplaceAllString(ts.ReadFile(args[0]), "")
	got, want = hash.ReplaceAllString(got, "HASH"), hash.ReplaceAllString(want, "HASH")
	if strings.TrimSpace(got) != strings.TrimSpace(want) {
		ts.Fatalf("the program prints\n%s\nthe document shows\n%s", got, want)
	}
}
