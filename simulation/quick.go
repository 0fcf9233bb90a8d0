package simulation

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
)

// quickDay is a station's day without machine, cards and paper: its ballots are
// made in memory (see press), and signed for as a machine does. The bundle goes to
// one medium.
//
// It is for records as large as a nation's. What happens at a station, it does
// not show.
func (r *Referendum) quickDay(s *StationPlan, tick func()) error {
	votes := s.votes(s.chance(r.Plan.Seed))
	box, err := r.makeBallots(s, votes, tick)
	if err != nil {
		return err
	}
	closing, checkpoint, err := r.quickClosing(s, box)
	if err != nil {
		return err
	}
	r.keepChoices(s, votes)
	return durable.WriteFolder(filepath.Join(r.Media()[0], s.ID), map[string]durable.Source{
		record.ClosingFile: durable.Content(closing), record.CheckpointFile: durable.Content(checkpoint), record.ChallengedFile: durable.Content(nil),
		record.BallotsFile: func(w io.Writer) error {
			for _, b := range box {
				if _, err := w.Write(b.bytes); err != nil {
					return err
				}
			}
			return nil
		},
	}, 0o644)
}

// A codedBallot is a ballot and its confirmation code.
type codedBallot struct {
	code  record.Hash
	bytes []byte
}

// makeBallots makes the ballots of a station, in the order of their codes.
func (r *Referendum) makeBallots(s *StationPlan, votes [][]int, tick func()) ([]codedBallot, error) {
	p, err := newPress(r.Random, r.Election.Context(s.ID))
	if err != nil {
		return nil, err
	}
	box := make([]codedBallot, 0, len(votes))
	for _, chosen := range votes {
		content := p.ballot(chosen).Bytes()
		box = append(box, codedBallot{record.ConfirmationCode(r.Election.ID, s.ID, content), content})
		tick()
	}
	slices.SortFunc(box, func(a, b codedBallot) int { return bytes.Compare(a.code[:], b.code[:]) })
	return box, nil
}

// quickClosing signs closing statement and checkpoint.
func (r *Referendum) quickClosing(s *StationPlan, box []codedBallot) (closing, checkpoint []byte, err error) {
	var tree ballotlog.Tree
	for _, b := range box {
		if err := tree.Append(b.code); err != nil {
			return nil, nil, err
		}
	}
	nobody, err := ballotlog.RootOf(nil)
	if err != nil {
		return nil, nil, err
	}
	n := uint32(len(box))
	c := &record.Signed[record.Closing]{Body: record.Closing{
		Election: r.Election.ID, Station: s.ID, BallotsRoot: tree.Root(), AttendancesRoot: nobody, Challenged: record.ChallengedDigest(nil), Software: softwareHash(),
		Counts: record.Counts{Registered: s.Registered, Attendances: n, Sessions: n, Cast: n, SlipsPrinted: n},
	}}
	key := r.keys[s.ID].Signer()
	if err := c.Sign(record.SignerStation(s.ID), key); err != nil {
		return nil, nil, err
	}
	for _, o := range r.officialsOf(s.ID) {
		if err := c.Sign(record.SignerOfficial(o.Number), o.Key); err != nil {
			return nil, nil, err
		}
	}
	if closing, err = record.Marshal(c); err != nil {
		return nil, nil, err
	}
	checkpoint, err = ballotlog.Sign(ballotlog.Checkpoint{Election: r.Election.ID, Station: s.ID, Size: tree.Size(), Root: tree.Root()}, key)
	return closing, checkpoint, err
}

// keepChoices counts what the voters chose, for the comparison at the end: there
// are no slips.
func (r *Referendum) keepChoices(s *StationPlan, votes [][]int) {
	counts := noCounts(r.Election.Manifest)
	for _, chosen := range votes {
		for q, option := range chosen {
			if option > 0 {
				counts[q][option-1]++
			}
		}
	}
	r.choices.Store(s.ID, counts)
}

// chosen returns what keepChoices counted.
func (r *Referendum) chosen(station string) ([][]uint64, error) {
	counts, ok := r.choices.Load(station)
	if !ok {
		return nil, fmt.Errorf("comparing: nobody voted at station %q", station)
	}
	return counts.([][]uint64), nil
}
