package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

// TestNamesPassForNothing: a folder on a medium cannot be named so that it reads
// like a line of the program.
func TestNamesPassForNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	forged := filepath.Join(dir, "x\nimported:  station a-2: 10 registered, 10 cast\x1b[2K")
	if err := os.MkdirAll(forged, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(forged, record.ClosingFile), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := theScene()
	if err := s.live.WriteCeremony(filepath.Join(dir, "exchange")); err != nil {
		t.Fatal(err)
	}
	counted := filepath.Join(t.TempDir(), "record")
	for _, args := range [][]string{
		{"begin", "--exchange", filepath.Join(dir, "exchange"), "--record", counted},
		{"import", "--record", counted, dir},
	} {
		var out, errs bytes.Buffer
		terminal.Run(command(), args, nil, &out, &errs)
		if strings.Contains(out.String()+errs.String(), "\nimported:") || strings.Contains(out.String()+errs.String(), "\x1b") {
			t.Errorf("%s prints\n%s%s", args[0], out.String(), errs.String())
		}
		if args[0] == "import" && !strings.Contains(out.String(), `refused:   "`) {
			t.Errorf("the folder was not tried:\n%s%s", out.String(), errs.String())
		}
	}
}
