package tallytest

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"testing/fstest"

	"github.com/openreferendum/referendum/ceremonies/decryption"
	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
	"github.com/openreferendum/referendum/station/stationtest"
)

// A Bundle is a station's bundle in memory, by file name. Tests change it.
type Bundle fstest.MapFS

// FS returns the bundle as a folder.
func (b Bundle) FS() fs.FS { return fstest.MapFS(b) }

// Clone returns a copy that can be changed.
func (b Bundle) Clone() Bundle {
	c := maps.Clone(b)
	for name, f := range c {
		c.Put(name, slices.Clone(f.Data))
	}
	return c
}

// Put writes a file.
func (b Bundle) Put(name string, data []byte) {
	b[name] = &fstest.MapFile{Data: data, Mode: 0o644}
}

// Write writes the bundle's folder.
func (b Bundle) Write(dir string) error { return write(dir, fstest.MapFS(b)) }

// Ballot makes the next ballot at a station.
func (w *World) Ballot(station string, chosen []int) (ballot []byte, seed elgamal.SecretSeed) {
	w.made++
	random := stationtest.Random(fmt.Sprint(w.seed, " ballot ", w.made))
	seed = must(elgamal.GenerateSeed(random))
	ctx := w.Election.Context(station)
	b := must(proof.Make(random, ctx, must(proof.NewSelections(ctx.Shape, chosen)), seed))
	return b.Bytes(), seed
}

// Bundle makes the bundle of a station whose voters choose as given, by voter
// and question; challenged are the choices of those who test the machine.
func (w *World) Bundle(station string, votes, challenged [][]int) Bundle {
	var cast [][]byte
	for _, v := range votes {
		b, _ := w.Ballot(station, v)
		cast = append(cast, b)
	}
	var opened []record.ChallengedBallot
	for _, v := range challenged {
		b, seed := w.Ballot(station, v)
		opened = append(opened, record.ChallengedBallot{Ballot: b, Seed: seed.Export(), Selections: v})
	}
	return w.Assemble(station, cast, opened)
}

// Assemble makes the bundle of a station with the given ballots, and signs for
// them, whatever they are.
func (w *World) Assemble(station string, cast [][]byte, challenged []record.ChallengedBallot) Bundle {
	code := func(b []byte) record.Hash { return record.ConfirmationCode(w.Election.ID, station, b) }
	slices.SortFunc(cast, func(a, b []byte) int { x, y := code(a), code(b); return bytes.Compare(x[:], y[:]) })
	slices.SortFunc(challenged, func(a, b record.ChallengedBallot) int {
		x, y := code(a.Ballot), code(b.Ballot)
		return bytes.Compare(x[:], y[:])
	})
	var tree ballotlog.Tree
	for _, b := range cast {
		_ = tree.Append(code(b)) // two equal ballots are a case of the tests
	}
	var opened []byte
	for _, c := range challenged {
		opened = append(opened, c.Encode()...)
	}
	s, _ := w.Election.Station(station)
	n, k := uint32(len(cast)), uint32(len(challenged))
	return w.Sign(record.Closing{
		Election: w.Election.ID, Station: station, BallotsRoot: record.Hash(tree.Root()), Challenged: record.ChallengedDigest(opened),
		Counts: record.Counts{Registered: s.Registered, Attendances: n, Sessions: n, Cast: n, Challenged: k, SlipsPrinted: n + k, SlipsVoided: k},
	}, bytes.Join(cast, nil), opened)
}

// Sign makes a bundle with a closing statement as it is given, checkpoint and
// statement signed by the station it names.
func (w *World) Sign(c record.Closing, ballots, challenged []byte) Bundle {
	b := Bundle{}
	b.Put(record.BallotsFile, ballots)
	b.Put(record.ChallengedFile, challenged)
	checkpoint := ballotlog.Checkpoint{Election: c.Election, Station: c.Station, Size: int64(c.Counts.Cast), Root: c.BallotsRoot}
	b.Put(record.CheckpointFile, must(ballotlog.Sign(checkpoint, w.stations[c.Station])))
	s := record.Signed[record.Closing]{Body: c}
	check(s.Sign(record.SignerStation(c.Station), w.stations[c.Station]))
	for i, key := range w.officials[c.Station] {
		check(s.Sign(record.SignerOfficial(i+1), key))
	}
	b.Put(record.ClosingFile, must(record.Marshal(s)))
	return b
}

// Votes returns n voters' choices in which each question has another majority.
func (w *World) Votes(n int) [][]int {
	var votes [][]int
	for v := range n {
		var chosen []int
		for q := range w.Election.Manifest.Questions {
			chosen = append(chosen, (v+q)%4)
		}
		votes = append(votes, chosen)
	}
	return votes
}

// Answer is what trustee i answers to the request in a record, after checking
// it. round tells two answers to one request apart.
func (w *World) Answer(fsys fs.FS, i int, round string) ([]byte, error) {
	r, err := decryption.Check(fsys, decryption.Options{})
	if err != nil {
		return nil, err
	}
	d, err := r.Answer(stationtest.Random(fmt.Sprint(w.seed, " answer ", i, round)), w.Trustees[i-1], nil)
	if err != nil {
		return nil, err
	}
	return record.Marshal(d)
}
