package adversary

// An Attack is one attacker and what he does to a record.
type Attack struct {
	Name     string // of the case, and in docs/threat-model.md as adversary/NAME
	Base     func() Plan
	Threat   string
	Attacker string
	Reason   string // why the record is wrong
	Do       func(w *World)

	// Rejects lists every check that must fail, with the place it must name:
	// "V15 station a-2, ballot 2". The first is the one that the attack is about; the
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

// Play lets the attacker of an attack loose on a record.
func (a Attack) Play(base *World) *World {
	w := base.clone()
	a.Do(w)
	return w
}
