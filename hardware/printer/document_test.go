package printer

import (
	"os"
	"strings"
	"testing"
)

// The page for people has every fault, with what the program shows.
func TestDocument(t *testing.T) {
	b, err := os.ReadFile("../../docs/hardware/printer.md")
	if err != nil {
		t.Fatal(err)
	}
	for f := PaperOut; f <= Refused; f++ {
		found := false
		for line := range strings.SplitSeq(string(b), "\n") {
			found = found || strings.HasPrefix(line, "| "+f.String()+" |") && strings.HasSuffix(line, "| "+f.Do()+" |")
		}
		if !found {
			t.Errorf("no row for %v with what to do about it", f)
		}
	}
}
