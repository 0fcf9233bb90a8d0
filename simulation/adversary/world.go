// Package adversary plays the attackers of docs/threat-model.md who touch the
// record. It makes a small referendum of which it knows every key, lets one
// attacker at a time change it, and writes down what the attacker published:
// the corpus of record/testdata, whose README says how any verifier uses it.
//
// An outsider only changes bytes. An insider signs what he changed, and lets
// everybody after him sign what follows from it, so that exactly the check that
// is meant stands between him and a false result.
//
// Everything follows from names: the corpus can be made again, byte for byte.
package adversary

import (
	"crypto/ed25519"
	"fmt"
	"maps"
	"slices"
	"testing/fstest"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationtest"
)

// A World is one referendum with all its keys, and the record so far.
type World struct {
	Election *record.Election
	Files    map[string][]byte

	plan      Plan
	manifest  []byte
	trustees  []keygen.SecretTrustee
	shares    []group.Secret
	answering []int // trustees
	boxes     map[string]*Box
	target    []byte // the ballot that the attack is about, if it is about one
}

// A Box is what a station has at the close of polls.
type Box struct {
	Ballots    [][]byte // as they are written
	Challenged []*record.ChallengedBallot
	Counts     record.Counts
}

// Build plays the referendum of a plan from the key ceremony to the inventory.
func Build(p Plan) *World {
	w := &World{plan: p, Files: map[string][]byte{}, boxes: map[string]*Box{}, answering: p.Answering}
	for i := range p.Trustees {
		w.trustees = append(w.trustees, must(keygen.Generate(stationtest.Random(fmt.Sprintf("corpus trustee %d", i+1)))))
	}
	m := w.newManifest()
	w.manifest = must(record.Marshal(m))
	w.Files[record.ManifestFile] = w.manifest
	j := w.ceremony()
	if p.Shift != 0 {
		w.shift(j, p.Shift)
	}
	w.Files[record.JointKeyFile] = must(record.Marshal(j))
	w.Election = must(record.NewElection(w.manifest, w.Files[record.JointKeyFile]))
	for _, s := range p.Stations {
		if s.Missing {
			continue
		}
		w.vote(s)
		w.Close(s.ID)
	}
	w.Count()
	return w
}

func must[T any](v T, err error) T {
	if err != nil {
		panic("adversary: internal error: " + err.Error())
	}
	return v
}

func check(err error) {
	if err != nil {
		panic("adversary: internal error: " + err.Error())
	}
}

// Key returns a signing key by the name of its holder: "authority", "station
// a-1", "official 1 of a-1". They are those of every world, so the same people
// play the rehearsal.
func Key(holder string) provisioning.SecretKey {
	return must(provisioning.GenerateKey(stationtest.Random("corpus key " + holder)))
}

func signer(holder string) ed25519.PrivateKey { return Key(holder).Signer() }

// ceremony plays the key ceremony and returns its outcome.
func (w *World) ceremony() *record.JointKey {
	c := new(record.Ceremony)
	var seats []*keygen.Seat
	for i, t := range w.trustees {
		seats = append(seats, must(t.Sit(w.manifest)))
		c.Enrolments = append(c.Enrolments, *must(t.Enrol(trusteeName(i))))
	}
	for _, s := range seats {
		c.Commitments = append(c.Commitments, *must(s.Commit()))
	}
	for _, s := range seats {
		c.Reveals = append(c.Reveals, *must(s.Reveal(c.Commitments)))
	}
	for i, s := range seats {
		w.shares = append(w.shares, must(s.Share(c)))
		w.put(record.EnrolmentFile(i+1), c.Enrolments[i])
		w.put(record.CommitmentFile(i+1), c.Commitments[i])
		w.put(record.RevealFile(i+1), c.Reveals[i])
		w.put(record.ConfirmationFile(i+1), must(s.Confirm(c)))
	}
	return must(c.JointKeyOf(record.ManifestHash(w.manifest)))
}

// shift adds a key to the joint one that a single person knows.
func (w *World) shift(j *record.JointKey, by uint64) {
	x := group.NewScalar(by)
	j.Key = j.Key.Add(group.MulBase(x))
	for i := range j.PublicShares {
		j.PublicShares[i] = j.PublicShares[i].Add(group.MulBase(x))
		w.shares[i] = group.NewSecret(w.shares[i].Reveal().Add(x))
	}
}

// vote fills a station's box.
func (w *World) vote(s StationPlan) {
	b := &Box{}
	for i, v := range s.Votes {
		b.Ballots = append(b.Ballots, w.Ballot(s.ID, v, fmt.Sprintf("voter %d", i+1)))
	}
	for i, v := range s.Challenges {
		b.Challenged = append(b.Challenged, w.Challenged(s.ID, v, fmt.Sprintf("test %d", i+1)))
	}
	cast, tests := uint32(len(s.Votes)), uint32(len(s.Challenges))
	b.Counts = record.Counts{
		Registered: s.Registered, Attendances: cast, Sessions: cast + 1, Cast: cast, Challenged: tests,
		Abandoned: 1, SlipsPrinted: cast + tests + 1, SlipsVoided: tests + 1,
	}
	w.boxes[s.ID] = b
	w.Sort(s.ID)
}

// Sort puts a box in the order of the codes.
func (w *World) Sort(id string) {
	b := w.boxes[id]
	slices.SortFunc(b.Ballots, func(x, y []byte) int { return compare(w.code(id, x), w.code(id, y)) })
	slices.SortFunc(b.Challenged, func(x, y *record.ChallengedBallot) int { return compare(x.Code, y.Code) })
}

func compare(a, b record.Hash) int { return slices.Compare(a[:], b[:]) }

func (w *World) code(station string, ballot []byte) record.Hash {
	return record.ConfirmationCode(w.Election.ID, station, ballot)
}

// Seed returns the ballot seed of a voter: who has the same name has the same.
func (w *World) Seed(who string) elgamal.SecretSeed {
	return must(elgamal.GenerateSeed(stationtest.Random("corpus seed " + w.plan.Name + " " + who)))
}

// Ballot makes an honest ballot.
func (w *World) Ballot(station string, selections []int, who string) []byte {
	return w.BallotOf(station, selections, w.Seed(station+" "+who), who)
}

// BallotOf makes an honest ballot from a given seed; proof names the proof's
// randomness.
func (w *World) BallotOf(station string, selections []int, seed elgamal.SecretSeed, proofName string) []byte {
	ctx := w.Election.Context(station)
	rand := stationtest.Random("corpus proof " + w.plan.Name + " " + station + " " + proofName)
	return must(proof.Make(rand, ctx, must(proof.NewSelections(ctx.Shape, selections)), seed)).Bytes()
}

// Challenged makes a ballot and opens it.
func (w *World) Challenged(station string, selections []int, who string) *record.ChallengedBallot {
	ballot := w.Ballot(station, selections, who)
	return &record.ChallengedBallot{
		Code: w.code(station, ballot), Ballot: ballot,
		Seed: w.Seed(station + " " + who).Export(), Selections: selections,
	}
}

// clone returns a copy that an attacker can change.
func (w *World) clone() *World {
	c := *w
	c.Files, c.boxes = maps.Clone(w.Files), map[string]*Box{}
	c.answering = slices.Clone(w.answering)
	for id, b := range w.boxes {
		c.boxes[id] = &Box{slices.Clone(b.Ballots), slices.Clone(b.Challenged), b.Counts}
	}
	return &c
}

// FS returns the record as a file system.
func (w *World) FS() fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, b := range w.Files {
		fsys[name] = &fstest.MapFile{Data: b}
	}
	return fsys
}

func (w *World) put(name string, document any) { w.Files[name] = must(record.Marshal(document)) }
