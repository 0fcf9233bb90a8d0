// Package ceremonytest plays, for tests, what lies between a key ceremony and
// the trustees' answers: stations at which people vote, and a tally that asks
// for the sums to be decrypted. It keeps everything in memory.
package ceremonytest

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"maps"
	"slices"
	"testing/fstest"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
)

// Files are the files of a record, by name.
type Files map[string][]byte

// FS returns them as a file system.
func (f Files) FS() fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, b := range f {
		fsys[name] = &fstest.MapFile{Data: b}
	}
	return fsys
}

// Keys are the signing keys of everybody but the trustees.
type Keys struct {
	Authority ed25519.PrivateKey
	Stations  map[string]ed25519.PrivateKey
	Officials map[string][]ed25519.PrivateKey
}

// Day lets people vote as in votes (by station and voter: for each question 0,
// or an option) and returns the record up to the request. ceremony has the files
// of the finished ceremony. A station without an entry is missing.
func Day(ceremony Files, k Keys, votes map[string][][]int) (Files, error) {
	files := maps.Clone(ceremony)
	e, err := record.ReadElection(files.FS())
	if err != nil {
		return nil, err
	}
	for _, s := range e.Manifest.Stations {
		ballots, ok := votes[s.ID]
		if !ok {
			continue
		}
		if err := k.closeStation(files, e, s, ballots); err != nil {
			return nil, fmt.Errorf("station %q: %w", s.ID, err)
		}
	}
	return files, k.Request(files)
}

func (k Keys) closeStation(files Files, e *record.Election, s record.Station, votes [][]int) error {
	file, root, err := ballots(e, s.ID, votes)
	if err != nil {
		return err
	}
	n := uint32(len(votes))
	c := record.Signed[record.Closing]{Body: record.Closing{
		Election: e.ID, Station: s.ID, BallotsRoot: root, Challenged: record.ChallengedDigest(nil),
		Counts: record.Counts{Registered: s.Registered, Attendances: n, Sessions: n, Cast: n, SlipsPrinted: n},
	}}
	if err := c.Sign(record.SignerStation(s.ID), k.Stations[s.ID]); err != nil {
		return err
	}
	for i, key := range k.Officials[s.ID] {
		if err := c.Sign(record.SignerOfficial(i+1), key); err != nil {
			return err
		}
	}
	closing, err := record.Marshal(c)
	if err != nil {
		return err
	}
	note, err := ballotlog.Sign(ballotlog.Checkpoint{Election: e.ID, Station: s.ID, Size: int64(n), Root: root}, k.Stations[s.ID])
	if err != nil {
		return err
	}
	for name, b := range map[string][]byte{record.BallotsFile: file, record.ChallengedFile: {}, record.ClosingFile: closing, record.CheckpointFile: note} {
		files[record.StationFile(s.ID, name)] = b
	}
	return nil
}

// ballots makes a station's ballots file and its root.
func ballots(e *record.Election, station string, votes [][]int) ([]byte, record.Hash, error) {
	type ballot struct {
		code record.Hash
		raw  []byte
	}
	var all []ballot
	random := Random("ballots of " + station)
	for _, v := range votes {
		chosen, err := proof.NewSelections(e.Manifest.Shape(), v)
		if err != nil {
			return nil, record.Hash{}, err
		}
		seed, err := elgamal.GenerateSeed(random)
		if err != nil {
			return nil, record.Hash{}, err
		}
		b, err := proof.Make(random, e.Context(station), chosen, seed)
		if err != nil {
			return nil, record.Hash{}, err
		}
		all = append(all, ballot{record.ConfirmationCode(e.ID, station, b.Bytes()), b.Bytes()})
	}
	slices.SortFunc(all, func(a, b ballot) int { return bytes.Compare(a.code[:], b.code[:]) })
	var file []byte
	var tree ballotlog.Tree
	for _, b := range all {
		if err := tree.Append(b.code); err != nil {
			return nil, record.Hash{}, err
		}
		file = append(file, b.raw...)
	}
	return file, tree.Root(), nil
}

// Request adds up the ballots of the stations that are there, and writes and
// signs aggregates.json. An old one is replaced.
func (k Keys) Request(files Files) error { return k.RequestWith(files, func(*record.Aggregates) {}) }

// RequestWith is Request with a change before the authority signs.
func (k Keys) RequestWith(files Files, change func(a *record.Aggregates)) error {
	e, err := record.ReadElection(files.FS())
	if err != nil {
		return err
	}
	cast, sums := map[string]uint32{}, map[string]*record.Sum{}
	for _, s := range e.Manifest.Stations {
		if _, ok := files[record.StationFile(s.ID, record.BallotsFile)]; !ok {
			continue
		}
		dir, err := files.FS().Sub(record.StationFile(s.ID, ""))
		if err != nil {
			return err
		}
		scan := record.SumBallots(e, dir, s.ID)
		cast[s.ID], sums[s.ID] = uint32(scan.Count), scan.Sum
	}
	a := record.Signed[record.Aggregates]{Body: record.NewAggregates(e, cast, sums)}
	change(&a.Body)
	if err := a.Sign(record.SignerAuthority, k.Authority); err != nil {
		return err
	}
	files[record.AggregatesFile], err = record.Marshal(a)
	return err
}
