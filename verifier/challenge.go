package verifier

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/record"
)

// Errors of OpenChallenge, which say that a challenge file belongs elsewhere.
// What CheckOpened returns says that the machine is wrong; the program must not
// confuse the two.
var (
	errOtherElection = errors.New("challenge: of another election")
	errOtherShape    = errors.New("challenge: not a ballot with the questions of this election")
)

// OpenChallenge makes a challenged ballot of a voter's challenge file
// (docs/spec/record.md, Section 6.4). It refuses a file that is not for this
// election.
func OpenChallenge(e *record.Election, c *record.Challenge) (record.Station, *record.ChallengedBallot, error) {
	s, ok := e.Station(c.Station)
	switch {
	case c.Election != e.ID:
		return s, nil, errOtherElection
	case !ok:
		return s, nil, fmt.Errorf("challenge: the manifest has no station %q", c.Station)
	case len(c.Ballot) != e.BallotSize() || len(c.Selections) != len(e.Manifest.Questions):
		return s, nil, errOtherShape
	}
	for q, k := range c.Selections {
		if k < 0 || k > len(e.Manifest.Questions[q].Options) {
			return s, nil, fmt.Errorf("challenge: question %d has no option %d", q+1, k)
		}
	}
	return s, &record.ChallengedBallot{Code: c.Code, Ballot: c.Ballot, Seed: c.Seed, Selections: c.Selections}, nil
}

// CheckOpened checks whether the machine encrypted what it showed, and printed
// the code of that very ballot. An error says what the machine did wrong.
func CheckOpened(e *record.Election, s record.Station, c *record.ChallengedBallot) error {
	if record.ConfirmationCode(e.ID, s.ID, c.Ballot) != c.Code {
		return errors.New("the code is not that of this ballot")
	}
	return record.CheckChallenged(e, s.ID, c)
}
