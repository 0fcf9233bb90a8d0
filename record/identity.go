package record

import (
	"fmt"
	"slices"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// ManifestHash identifies a manifest from the key ceremony on: Algorithm 4.1 of
// docs/spec/record.md.
func ManifestHash(manifest []byte) Hash {
	return transcript.New("referendum-v1-manifest").Bytes(manifest).Sum()
}

// ElectionID returns H_E, which identifies the election in every hash and
// signature after the key ceremony: Algorithm 4.2 of docs/spec/record.md. Both
// arguments are the files' bytes.
func ElectionID(manifest, jointKey []byte) Hash {
	return transcript.New("referendum-v1-election").Bytes(manifest).Bytes(jointKey).Sum()
}

// ConfirmationCode returns the code of a cast or challenged ballot: Algorithm
// 5.1 of docs/spec/record.md.
func ConfirmationCode(election Hash, station string, ballot []byte) Hash {
	return transcript.New("referendum-v1-confirmation-code").Bytes(election[:]).Text(station).Bytes(ballot).Sum()
}

// AttendanceMessage is what an eID card signs when its holder comes to vote:
// Algorithm 8.2 of docs/spec/record.md.
func AttendanceMessage(election Hash, station string, nonce [32]byte) []byte {
	return transcript.New("referendum-v1-attendance").Bytes(election[:]).Text(station).Bytes(nonce[:]).Message()
}

// A Purpose is what a poll worker is present for: docs/spec/record.md, Section 8.
type Purpose string

// The purposes. There are no others.
const (
	PurposeOpen    Purpose = "open"         // the polls
	PurposeSuspend Purpose = "suspend"      // the polls
	PurposeResume  Purpose = "resume"       // the polls
	PurposeRestart Purpose = "restart"      // a machine that halted
	PurposeClose   Purpose = "close"        // the polls; the closing statement is signed beside it
	PurposeReprint Purpose = "reprint"      // a tape
	PurposeTamper  Purpose = "clear-tamper" // a switch that has opened
	PurposeExport  Purpose = "export"       // the bundle
	PurposeVoid    Purpose = "void-session" // of the voter at the machine
)

// Purposes lists them.
func Purposes() []Purpose {
	return []Purpose{
		PurposeOpen, PurposeSuspend, PurposeResume, PurposeRestart, PurposeClose, PurposeReprint, PurposeTamper, PurposeExport, PurposeVoid,
	}
}

// OfficialMessage is what a poll worker signs to show that the key is there, and
// what for: Algorithm 8.4 of docs/spec/record.md. Another purpose than those of
// Purposes is a mistake of the program, and panics.
func OfficialMessage(election Hash, station string, purpose Purpose, nonce [32]byte) []byte {
	if !slices.Contains(Purposes(), purpose) {
		panic(fmt.Sprintf("record: internal error: no purpose %q", purpose))
	}
	return transcript.New("referendum-v1-official").Bytes(election[:]).Text(station).Text(string(purpose)).Bytes(nonce[:]).Message()
}

// A CardReason is why a voter's card does not work: docs/spec/record.md, Section 8.
type CardReason string

// The reasons. There are no others.
const (
	CardDamaged   CardReason = "damaged"
	CardBlocked   CardReason = "blocked"
	CardMissing   CardReason = "missing"
	CardNotIssued CardReason = "not-issued"
)

// CardReasons lists them, in the order of their numbers in an attendance, from 1.
func CardReasons() []CardReason {
	return []CardReason{CardDamaged, CardBlocked, CardMissing, CardNotIssued}
}

// IdentificationMessage is what an official signs who identifies a voter without a
// card that works: Algorithm 8.5 of docs/spec/record.md. Another reason than those of
// CardReasons is a mistake of the program, and panics.
func IdentificationMessage(election Hash, station string, voter Voter, reason CardReason, nonce [32]byte) []byte {
	if !slices.Contains(CardReasons(), reason) {
		panic(fmt.Sprintf("record: internal error: no reason %q", reason))
	}
	return transcript.New("referendum-v1-identification").Bytes(election[:]).Text(station).Bytes(voter[:]).Text(string(reason)).Bytes(nonce[:]).Message()
}

// AttendanceLeaf is the leaf of one attendance, as it is stored, in the tree
// over all: Algorithm 8.3 of docs/spec/record.md.
func AttendanceLeaf(election Hash, station string, attendance []byte) Hash {
	return transcript.New("referendum-v1-attendance-leaf").Bytes(election[:]).Text(station).Bytes(attendance).Sum()
}

// An Election is a manifest with its joint key: what everybody needs to know
// before the first ballot, and the same bytes for all.
type Election struct {
	ID       Hash
	Manifest *Manifest
	Key      elgamal.PublicKey
	JointKey *JointKey

	stations map[string]int
}

// NewElection parses the two files and checks that they belong together. It
// does not check the ceremony behind the key: see CheckCeremony.
func NewElection(manifest, jointKey []byte) (*Election, error) {
	m, err := ParseManifest(manifest)
	if err != nil {
		return nil, err
	}
	j, err := ParseJointKey(jointKey)
	if err != nil {
		return nil, err
	}
	if j.Manifest != ManifestHash(manifest) {
		return nil, fmt.Errorf("joint key: belongs to another manifest")
	}
	if len(j.PublicShares) != len(m.Trustees) {
		return nil, fmt.Errorf("joint key: %d public shares for %d trustees", len(j.PublicShares), len(m.Trustees))
	}
	key, err := elgamal.NewPublicKey(j.Key)
	if err != nil {
		return nil, fmt.Errorf("joint key: %w", err)
	}
	e := &Election{ID: ElectionID(manifest, jointKey), Manifest: m, Key: key, JointKey: j, stations: map[string]int{}}
	for i, s := range m.Stations {
		e.stations[s.ID] = i
	}
	return e, nil
}

// Station returns the station with the given id.
func (e *Election) Station(id string) (Station, bool) {
	i, ok := e.stations[id]
	if !ok {
		return Station{}, false
	}
	return e.Manifest.Stations[i], true
}

// Context returns what the proofs of a station's ballots are bound to.
func (e *Election) Context(station string) proof.Context {
	return proof.Context{Election: e.ID, Station: station, Key: e.Key, Shape: e.Manifest.Shape()}
}

// BallotSize returns the length in bytes of every ballot.
func (e *Election) BallotSize() int { return e.Manifest.Shape().Size() }
