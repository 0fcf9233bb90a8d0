package adversary

import (
	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/record"
)

// challengeAttacks change the challenged ballots, which show whether the kiosks
// encrypt what they show.
func challengeAttacks() []Attack {
	box := func(change func(w *World, b *Box)) func(*World) {
		return func(w *World) {
			change(w, w.boxes["a-2"])
			w.recount("a-2")
		}
	}
	opened := func(change func(w *World, c *record.ChallengedBallot)) func(*World) {
		return box(func(w *World, b *Box) {
			c := *b.Challenged[0]
			change(w, &c)
			c.Code = w.code("a-2", c.Ballot)
			b.Challenged[0] = &c
		})
	}
	return []Attack{
		{
			"challenge-dropped", County, "T10", carrier, "A challenged ballot of station a-1 is cut out of its file: the one that showed the fraud.",
			func(w *World) {
				name := record.StationFile("a-1", record.ChallengedFile)
				w.Files[name] = w.Files[name][len(w.Files[name])/2:]
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V20 station a-1"},
		},
		{
			"challenges-reordered", County, "T10", station, "Two challenged ballots are exchanged: the order could tell in which they were made.",
			func(w *World) {
				b := w.boxes["a-1"]
				b.Challenged[0], b.Challenged[1] = b.Challenged[1], b.Challenged[0]
				w.recount("a-1")
			},
			[]string{"V20 station a-1"},
		},
		{
			"challenge-not-counted", County, "T10", station, "The closing statement counts one challenged ballot fewer than the file has.",
			func(w *World) {
				b := w.boxes["a-1"]
				b.Counts.Challenged--
				b.Counts.SlipsVoided--
				b.Counts.SlipsPrinted--
				w.recount("a-1")
			},
			[]string{"V20 station a-1"},
		},
		{
			"challenge-impossible-option", County, "T10", station, "A challenged ballot is said to open to an option that the question does not have.",
			opened(func(_ *World, c *record.ChallengedBallot) { c.Selections = []int{4, 1} }),
			[]string{"V20 station a-2"},
		},
		{
			"kiosk-encrypted-something-else", County, "T10", kiosk, "The kiosk showed agree and encrypted disagree; the voter challenged it.",
			opened(func(_ *World, c *record.ChallengedBallot) { c.Selections = []int{1, 2} }),
			[]string{"V21 station a-2, challenged ballot 1"},
		},
		{
			"challenge-with-other-seed", County, "T10", kiosk, "The seed that was printed does not open the ballot.",
			opened(func(w *World, c *record.ChallengedBallot) { c.Seed = w.Seed("something else").Export() }),
			[]string{"V21 station a-2, challenged ballot 1"},
		},
		{
			"challenge-without-proof", County, "T10", kiosk, "A challenged ballot opens, but its proof does not hold: it was never a ballot.",
			opened(func(w *World, c *record.ChallengedBallot) {
				c.Ballot = append([]byte(nil), c.Ballot...)
				c.Ballot[responseAt] ^= 1
			}),
			[]string{"V21 station a-2, challenged ballot 1"},
		},
		{
			"challenge-is-no-ballot", County, "T10", kiosk, "The first α of a challenged ballot is the field element 1, which is negative in no encoding of an element.",
			opened(func(_ *World, c *record.ChallengedBallot) {
				c.Ballot = append([]byte(nil), c.Ballot...)
				copy(c.Ballot, append([]byte{1}, make([]byte, 31)...))
			}),
			[]string{"V21 station a-2, challenged ballot 1"},
		},
		{
			"challenge-of-other-station", County, "T10", station, "The challenged ballot was made for another station.",
			opened(func(w *World, c *record.ChallengedBallot) { *c = *w.boxes["a-1"].Challenged[0] }),
			[]string{"V21 station a-2, challenged ballot 1", "V19 station a-2, challenged ballot 1"},
		},
		{
			"challenged-and-cast", County, "T10", station, "A challenged ballot was cast as well: everybody can read it.",
			box(func(w *World, b *Box) { w.stuff("a-2", b.Challenged[0].Ballot) }),
			[]string{"V22 station a-2, challenged ballot 1", "V19 station a-2, challenged ballot 1"},
		},
	}
}

// tooFew is Hamlet with another privacy threshold.
func tooFew() Plan {
	p := Hamlet()
	p.Privacy, p.Variant = 3, true
	return p
}

// sumAttacks change what is decrypted. The trustees answer it all the same.
func sumAttacks() []Attack {
	sums := func(change func(w *World, a *record.Aggregates)) func(*World) {
		return func(w *World) {
			w.Aggregate(func(a *record.Aggregates) { change(w, a) })
			w.Answer()
		}
	}
	plan := []string{"V23 aggregates.json"}
	return []Attack{
		{
			"small-station-alone", County, "T11", insiders, "The one ballot of station b-1 is decrypted alone: everybody knows how that voter voted.",
			sums(func(w *World, a *record.Aggregates) { w.regroup(a, "a-1", "a-2 c-1", "b-1", "b-2") }), plan,
		},
		{
			"too-few-while-missing", tooFew, "T11", insiders, "Two ballots are decrypted where at least three are due, while a station is missing.",
			func(*World) {}, plan,
		},
		{
			"everything-in-one-sum", County, "T11", insiders, "All stations are decrypted together: nobody can compare with the tapes.",
			sums(func(w *World, a *record.Aggregates) { w.regroup(a, "a-1 a-2 b-1 b-2 c-1") }), plan,
		},
		{
			"station-in-two-sums", County, "T11", insiders, "Station b-1 is in two sums: their difference is one ballot, and it counts twice.",
			sums(func(w *World, a *record.Aggregates) { w.regroup(a, "a-1", "a-2 b-1 c-1", "b-1 b-2") }), plan,
		},
		{
			"sum-claims-more-ballots", County, "T11", insiders, "The sum of station a-1 claims one ballot more than there are.",
			sums(func(_ *World, a *record.Aggregates) { a.Aggregates[0].Cast++ }), plan,
		},
		{
			"sums-of-other-election", County, "T11", insiders, "The signed sums are for another election.",
			sums(func(_ *World, a *record.Aggregates) { a.Election = record.FileHash([]byte("another")) }), plan,
		},
		{
			"sums-by-others", County, "T11", insiders, "The sums are not signed by the authority.",
			func(w *World) {
				a := must(record.ParseSigned[record.Aggregates](w.Files[record.AggregatesFile]))
				a.Signatures = nil
				check(a.Sign(record.SignerAuthority, signer("an impostor")))
				w.put(record.AggregatesFile, a)
				w.Answer()
			},
			plan,
		},
		{
			"vote-added-to-sum", County, "T12", insiders, "An encryption of 1 was added to a sum.",
			sums(func(_ *World, a *record.Aggregates) {
				one := encryptOne(a)
				a.Aggregates[2].Sums[1][0] = a.Aggregates[2].Sums[1][0].Add(one)
			}),
			[]string{"V24 aggregates.json"},
		},
		{
			"sums-exchanged", County, "T12", insiders, "The sums of agree and disagree of station a-1 are exchanged.",
			sums(func(_ *World, a *record.Aggregates) {
				row := a.Aggregates[0].Sums[0]
				row[0], row[1] = row[1], row[0]
			}),
			[]string{"V24 aggregates.json"},
		},
		{
			"sum-without-randomness", County, "T12", insiders, "A sum was replaced by a trivial encryption of the number somebody wanted.",
			sums(func(_ *World, a *record.Aggregates) { a.Aggregates[0].Sums[0][0] = elgamal.Zero() }),
			[]string{"V24 aggregates.json"},
		},
		{
			"question-missing-from-sums", County, "T12", insiders, "The sums lack the second question.",
			func(w *World) {
				w.Aggregate(func(a *record.Aggregates) {
					for i := range a.Aggregates {
						a.Aggregates[i].Sums = a.Aggregates[i].Sums[:1]
					}
				})
				w.answers()
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V24 aggregates.json"},
		},
		{
			"option-too-many-in-sums", County, "T12", insiders, "The sums have a fourth option.",
			func(w *World) {
				w.Aggregate(func(a *record.Aggregates) {
					a.Aggregates[0].Sums[0] = append(a.Aggregates[0].Sums[0], elgamal.Zero())
				})
				w.answers()
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V24 aggregates.json"},
		},
	}
}
