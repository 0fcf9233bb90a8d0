package record

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/crypto/transcript"
)

// A Roll lists who may vote at one station. It is signed by the authority,
// carried to that station, and never published.
type Roll struct {
	Election Hash    `json:"election"`
	Station  string  `json:"station"`
	Voters   []Voter `json:"voters"` // ascending
}

// A Voter is the digest of the holder's identifier on the eID card, so that a
// lost roll names nobody who is not already known.
type Voter = Hash

// VoterOf returns the digest of a card holder's identifier: Algorithm 8.1 of
// docs/spec/record.md.
func VoterOf(election Hash, holder string) Voter {
	return transcript.New("referendum-v1-voter").Bytes(election[:]).Text(holder).Sum()
}

func (Roll) kind() string { return "roll" }

// Validate refuses voters out of order or given twice.
func (r Roll) Validate() error {
	if r.Voters == nil {
		return errors.New("voters: missing")
	}
	if len(r.Voters) > MaxRegistered {
		return fmt.Errorf("%d voters, allowed are %d", len(r.Voters), MaxRegistered)
	}
	for i := 1; i < len(r.Voters); i++ {
		if string(r.Voters[i-1][:]) >= string(r.Voters[i][:]) {
			return fmt.Errorf("voter %d: not in ascending order, or given twice", i+1)
		}
	}
	return checkIdentifier("station", r.Station)
}

// CheckRoll checks the authority's signature, and that the roll is this
// station's and as long as the manifest says.
func CheckRoll(e *Election, station string, r *Signed[Roll]) error {
	s, ok := e.Station(station)
	switch {
	case !ok:
		return fmt.Errorf("roll: the manifest has no station %q", station)
	case r.Body.Election != e.ID:
		return errors.New("roll: of another election")
	case r.Body.Station != station:
		return fmt.Errorf("roll: of station %q", r.Body.Station)
	case len(r.Body.Voters) != int(s.Registered):
		return fmt.Errorf("roll: %d voters, the manifest says %d", len(r.Body.Voters), s.Registered)
	}
	return wrap(r.CheckOnly(Required{SignerAuthority, e.Manifest.Authority}), "roll")
}
