package adversary

import (
	"bytes"
	"strconv"
	"strings"
)

// An Attack is one attacker and what he does to a record.
type Attack struct {
	Name     string // of the case, and in docs/threat-model.md as adversary/NAME
	Base     func() Plan
	Threat   string
	Attacker string
	Reason   string // why the record is wrong
	Do       func(w *World)

	// Rejects lists every check that must fail, with the place it must name:
	// "V15 station a-2, ballot 2". A "?" is the number of the ballot that the
	// attacker brought in. The first check is the one that the attack is about; the
	// others follow from it. No other check fails.
	Rejects []string
}

// Attackers, as docs/threat-model.md names them.
const (
	carrier   = "carrier"                                                // changes bytes, signs nothing
	authority = "tally"                                                  // signs with the authority's key
	insiders  = "tally with t trustees"                                  // and has sums answered that no honest trustee answers
	station   = "station and two officials, with tally and t trustees"   // signs everything downstream
	kiosk     = "kiosk, with station, officials, tally and t trustees"   // makes ballots of its own
	trustees  = "trustee"                                                // its own documents
	everybody = "authority with a manifest and ceremony of its own make" // a record that is false from the start
)

// Attacks lists all attacks.
func Attacks() []Attack {
	var all []Attack
	for _, list := range [][]Attack{
		fileAttacks(), electionAttacks(), ceremonyAttacks(), stationAttacks(), boxAttacks(),
		ballotAttacks(), forgeries(), challengeAttacks(), sumAttacks(), decryptionAttacks(), resultAttacks(),
	} {
		all = append(all, list...)
	}
	return all
}

// Play lets the attacker of an attack loose on a record, and says which checks
// must fail.
func (a Attack) Play(base *World) (*World, []Reject) {
	w := base.clone()
	a.Do(w)
	var rejects []Reject
	for _, r := range a.Rejects {
		check, where, _ := strings.Cut(r, " ")
		rejects = append(rejects, Reject{check, strings.Replace(where, "?", strconv.Itoa(w.number(where)), 1)})
	}
	return w, rejects
}

// number finds the target among a station's ballots: the last, if there are
// several.
func (w *World) number(where string) int {
	id, ballot, _ := strings.Cut(strings.TrimPrefix(where, "station "), ", ")
	n := 0
	if b := w.boxes[id]; b != nil && strings.HasPrefix(ballot, "ballot") {
		for i := range b.Ballots {
			if bytes.Equal(b.Ballots[i], w.target) {
				n = i + 1
			}
		}
	} else if b != nil {
		for i, c := range b.Challenged {
			if bytes.Equal(c.Ballot, w.target) {
				n = i + 1
			}
		}
	}
	if n == 0 && strings.Contains(where, "?") {
		panic("adversary: internal error: the ballot is not at " + where)
	}
	return n
}
