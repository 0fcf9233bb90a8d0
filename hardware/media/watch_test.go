package media

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestList(t *testing.T) {
	got, err := machine(t).list()
	if err != nil {
		t.Fatal(err)
	}
	want := []Candidate{
		{Source: "/dev/mmcblk0", Size: 5120, Model: "SU08G"},
		{Source: "/dev/sda1", Size: 512000, Model: "ACME Stick ?[2J?", sequence: "7"},
		{Source: "/dev/sda2", Size: 256000, Model: "ACME Stick ?[2J?", sequence: "7"},
		{Source: "/dev/sdb", Size: 1536000, Protected: true, sequence: "8"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed\n%+v, not\n%+v", got, want)
	}
	if none, err := (host{sys: t.TempDir()}).list(); err == nil {
		t.Errorf("a machine without sysfs has %v", none)
	}
}

// TestListHere: this machine's own disk and loop devices are no candidates.
func TestListHere(t *testing.T) {
	all, err := List()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if strings.HasPrefix(c.Source, "/dev/loop") || c.Size <= 0 {
			t.Errorf("a candidate: %+v", c)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "  a   b ": "a b", "\x00\x1b[31m\u202e中文\xc3": "??[31m?中文?", strings.Repeat("長", 100): strings.Repeat("長", 64),
	} {
		if got := printable(in); got != want {
			t.Errorf("%q is shown as %q, not %q", in, got, want)
		}
	}
}

func TestWatch(t *testing.T) {
	h := machine(t)
	ctx, cancel := context.WithCancel(t.Context())
	changes := h.watch(ctx, time.Millisecond)
	next := func(n int) (all []string) {
		t.Helper()
		for range n {
			select {
			case c := <-changes:
				all = append(all, map[bool]string{true: "+", false: "-"}[c.Came]+c.Candidate.Source)
			case <-time.After(time.Minute):
				t.Fatal("told nothing")
			}
		}
		return all
	}
	is := func(got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("told %q, not %q", got, want)
		}
	}
	is(next(4), "+/dev/mmcblk0", "+/dev/sda1", "+/dev/sda2", "+/dev/sdb")
	if err := os.Rename(filepath.Join(h.sys, "block/sdb"), filepath.Join(h.sys, "sdb")); err != nil {
		t.Fatal(err)
	}
	is(next(1), "-/dev/sdb")
	if err := os.Rename(filepath.Join(h.sys, "sdb"), filepath.Join(h.sys, "block/sdb")); err != nil {
		t.Fatal(err)
	}
	is(next(1), "+/dev/sdb")
	put(t, filepath.Join(h.sys, "block/sdb/diskseq"), "12") // another stick, faster than we look
	is(next(2), "-/dev/sdb", "+/dev/sdb")
	put(t, filepath.Join(h.sys, "block/sdc/size"), "100") // a card in the reader
	is(next(1), "+/dev/sdc")
	cancel()
	for range changes { // the end, and nothing that hangs
	}
}
