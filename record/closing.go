package record

import (
	"fmt"
	"slices"

	"github.com/openreferendum/referendum/crypto/transcript"
)

// Counts is what a station counted during the day. They must reconcile.
type Counts struct {
	Registered   uint32 `json:"registered"`
	Attendances  uint32 `json:"attendances"`
	Sessions     uint32 `json:"sessions"`
	Cast         uint32 `json:"cast"`
	Challenged   uint32 `json:"challenged"`
	Abandoned    uint32 `json:"abandoned"`
	SlipsPrinted uint32 `json:"slipsPrinted"`
	SlipsVoided  uint32 `json:"slipsVoided"`
}

// Reconcile checks the identities of docs/spec/record.md, Section 6.2. The
// error says which does not hold, with its numbers.
func (c Counts) Reconcile() error {
	sum := func(a, b uint32) uint64 { return uint64(a) + uint64(b) }
	switch {
	case c.Attendances != c.Cast:
		return fmt.Errorf("%d attendances, but %d ballots cast", c.Attendances, c.Cast)
	case c.Cast > c.Registered:
		return fmt.Errorf("%d ballots cast by %d registered voters", c.Cast, c.Registered)
	case uint64(c.Sessions) != sum(c.Cast, c.Abandoned):
		return fmt.Errorf("%d sessions, but %d cast and %d abandoned", c.Sessions, c.Cast, c.Abandoned)
	case uint64(c.SlipsPrinted) != sum(c.Cast, c.SlipsVoided):
		return fmt.Errorf("%d slips printed, but %d cast and %d voided", c.SlipsPrinted, c.Cast, c.SlipsVoided)
	case c.Challenged > c.SlipsVoided:
		return fmt.Errorf("%d ballots challenged, but only %d slips voided", c.Challenged, c.SlipsVoided)
	case uint64(c.SlipsVoided) > sum(c.Challenged, c.Abandoned):
		return fmt.Errorf("%d slips voided, but %d challenged and %d abandoned", c.SlipsVoided, c.Challenged, c.Abandoned)
	}
	return nil
}

// A Closing is a station's signed word at the close of polls.
type Closing struct {
	Election        Hash   `json:"election"`
	Station         string `json:"station"`
	Counts          Counts `json:"counts"`
	BallotsRoot     Hash   `json:"ballotsRoot"`     // of the checkpoint
	AttendancesRoot Hash   `json:"attendancesRoot"` // same tree over the attendances
	Challenged      Hash   `json:"challenged"`      // ChallengedDigest of the file
	Software        Hash   `json:"software"`        // SHA-256 of the station's program
}

func (Closing) kind() string { return "closing" }

// Validate refuses a malformed station id.
func (c Closing) Validate() error { return checkIdentifier("station", c.Station) }

// ChallengedDigest is the digest of the challenged ballots' file.
func ChallengedDigest(file []byte) Hash {
	return transcript.New("referendum-v1-challenged").Bytes(file).Sum()
}

// CheckClosing checks a closing statement's signatures (the station, and at
// least two of its officials), and what it is for. Whether its counts reconcile
// is asked with CheckCounts.
func CheckClosing(e *Election, station string, c *Signed[Closing]) error {
	s, ok := e.Station(station)
	if !ok {
		return fmt.Errorf("closing: the manifest has no station %q", station)
	}
	if c.Body.Election != e.ID {
		return fmt.Errorf("closing: of another election")
	}
	if c.Body.Station != station {
		return fmt.Errorf("closing: of station %q", c.Body.Station)
	}
	return wrap(checkClosingSigners(s, c), "closing")
}

// CheckCounts checks that a closing statement counts the manifest's voters, and
// that its counts reconcile.
func CheckCounts(s Station, c Counts) error {
	if c.Registered != s.Registered {
		return fmt.Errorf("counts: %d registered voters, the manifest says %d", c.Registered, s.Registered)
	}
	return wrap(c.Reconcile(), "counts")
}

func checkClosingSigners(s Station, c *Signed[Closing]) error {
	required := []Required{{SignerStation(s.ID), s.Key}}
	// In ascending order, and so each official once: two signatures of one are
	// not those of two.
	for i, k := range s.Officials {
		signer := SignerOfficial(i + 1)
		if slices.ContainsFunc(c.Signatures, func(g Signature) bool { return g.Signer == signer }) {
			required = append(required, Required{signer, k})
		}
	}
	if len(required) < 3 {
		return fmt.Errorf("signed by %d officials, needed are 2", len(required)-1)
	}
	return c.CheckOnly(required...)
}
