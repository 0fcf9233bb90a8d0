package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally/tallytest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tally": main})
}

// passphrase is under a low work factor, and guards nothing.
const passphrase = "a passphrase of the tests"

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:   "testdata",
		Setup: setUp,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"answer": answer, "damage": damage, "fifo": fifo, "names": names,
		},
		RequireExplicitExec: true,
	})
}

// setUp makes a script's folder.
func setUp(e *testscript.Env) error {
	e.Setenv("GORACE", os.Getenv("GORACE"))
	return theScene().write(e.WorkDir)
}

// A scene is what lies in the counting room. Scripts find it in their folder:
//
//	exchange/         the key ceremony
//	media/ID          bundles of stations a-1 (5 ballots), a-2 (4, one challenged) and b-1 (1)
//	second/a-1        another bundle that station a-1 has signed
//	rehearsal/        exchange and media/a-1 of a rehearsal of the same stations
//	elsewhere/z-9     a bundle of another referendum
//	authority.age     the authority's key; phrase has its passphrase
//	stranger.age      another key under the same passphrase
type scene struct {
	live, rehearsal, elsewhere *tallytest.World
	folders                    map[string]tallytest.Bundle
}

var theScene = sync.OnceValue(func() *scene {
	s := &scene{
		live:      tallytest.New(tallytest.Config{}),
		rehearsal: tallytest.New(tallytest.Config{Kind: record.Rehearsal}),
		elsewhere: tallytest.New(tallytest.Config{Stations: []string{"z-9"}}),
	}
	w := s.live
	agree := []int{1, 2}
	s.folders = map[string]tallytest.Bundle{
		"media/a-1":           w.Bundle("a-1", [][]int{agree, agree, agree, {1, 0}, {2, 3}}, nil),
		"media/a-2":           w.Bundle("a-2", [][]int{agree, agree, agree, {1, 1}}, [][]int{{2, 2}}),
		"media/b-1":           w.Bundle("b-1", [][]int{agree}, nil),
		"second/a-1":          w.Bundle("a-1", [][]int{{2, 1}}, nil),
		"rehearsal/media/a-1": s.rehearsal.Bundle("a-1", [][]int{agree, {0, 1}}, nil),
		"rehearsal/media/a-2": s.rehearsal.Bundle("a-2", [][]int{agree}, nil),
		"elsewhere/z-9":       s.elsewhere.Bundle("z-9", nil, nil),
	}
	return s
})

func (s *scene) write(dir string) error {
	for path, b := range s.folders {
		if err := b.Write(filepath.Join(dir, path)); err != nil {
			return err
		}
	}
	for path, w := range map[string]*tallytest.World{"exchange": s.live, "rehearsal/exchange": s.rehearsal} {
		if err := w.WriteCeremony(filepath.Join(dir, path)); err != nil {
			return err
		}
	}
	stranger := tallytest.New(tallytest.Config{Seed: "stranger"})
	for name, key := range map[string]provisioning.SecretKey{"authority.age": s.live.Authority, "stranger.age": stranger.Authority} {
		if err := provisioning.WriteKey(filepath.Join(dir, name), key, passphrase, 4); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "wrong"), []byte("not the passphrase\n"), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "phrase"), []byte(passphrase+"\n"), 0o600)
}

// world finds whose record it is.
func (s *scene) world(dir string) (*tallytest.World, error) {
	e, err := record.ReadElection(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	for _, w := range []*tallytest.World{s.live, s.rehearsal} {
		if w.Election.ID == e.ID {
			return w, nil
		}
	}
	return nil, fmt.Errorf("%s is of no election of the tests", dir)
}

// answer TRUSTEE RECORD FILE lets a trustee answer, as ceremony decrypt does.
// With a fourth argument, it answers a second time, with another proof.
func answer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: answer TRUSTEE RECORD FILE [ROUND]")
	}
	trustee, err := strconv.Atoi(args[0])
	ts.Check(err)
	w, err := theScene().world(ts.MkAbs(args[1]))
	ts.Check(err)
	b, err := w.Answer(os.DirFS(ts.MkAbs(args[1])), trustee, fmt.Sprint(args[3:]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), b, 0o644))
}

// damage FILE cut N|grow N|flip N changes a file.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: damage FILE cut|grow|flip N")
	}
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	switch args[1] {
	case "cut":
		b = b[:len(b)-n]
	case "grow":
		b = append(b, make([]byte, n)...)
	case "flip":
		b[n] ^= 1
	default:
		ts.Fatalf("no damage %q", args[1])
	}
	ts.Check(os.WriteFile(path, b, 0o644))
}

func fifo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fifo PATH")
	}
	ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o644))
}

// names FOLDER NAME... asserts that a folder holds exactly these names, hidden
// ones included, in order.
func names(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: names FOLDER NAME...")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	var there []string
	for _, e := range entries {
		there = append(there, e.Name())
	}
	if fmt.Sprint(there) != fmt.Sprint(args[1:]) {
		ts.Fatalf("%s holds %v, want %v", args[0], there, args[1:])
	}
}
