package adversary

import (
	"slices"

	"github.com/openreferendum/referendum/record"
)

// boxAttacks change which ballots a station has. The station, its officials and
// all after them sign what follows.
func boxAttacks() []Attack {
	return []Attack{
		{
			"tally-drops-ballot", County, "T07", insiders, "A ballot of station a-1 was dropped after the closing, and all that follows signed again.",
			func(w *World) {
				w.cutBallots("a-1", 1)
				w.Count()
			},
			[]string{"V14 station a-1", "V16 station a-1"},
		},
		{
			"tally-adds-ballot", County, "T07", insiders, "A good ballot was added to station b-1 after the closing.",
			func(w *World) {
				w.withBallots("b-1", w.Ballot("b-1", []int{1, 1}, "nobody"))
				w.Count()
			},
			[]string{"V14 station b-1", "V16 station b-1"},
		},
		{
			"tally-exchanges-ballot", County, "T07", insiders, "A ballot of station b-1 was replaced by another good one after the closing.",
			func(w *World) {
				w.file("b-1", record.BallotsFile, w.Ballot("b-1", []int{1, 1}, "nobody"))
				w.Count()
			},
			[]string{"V16 station b-1"},
		},
		{
			"more-ballots-than-voters", County, "T06", station, "Station b-1 has three registered voters, and four of them voted.",
			func(w *World) {
				w.stuff("b-1", w.Ballot("b-1", []int{1, 1}, "nobody 1"), w.Ballot("b-1", []int{1, 1}, "nobody 2"), w.Ballot("b-1", []int{1, 1}, "nobody 3"))
				w.recount("b-1")
			},
			[]string{"V12 station b-1", "V14 station b-1", "V14 station b-1, ballot 4", "V16 station b-1", "V03 stations/b-1/ballots", "V04 inventory.json"},
		},
		{
			"ballot-twice", County, "T08", station, "A ballot stands twice in its station.",
			func(w *World) {
				b := w.boxes["a-2"]
				w.stuff("a-2", b.Ballots[1])
				w.recount("a-2")
			},
			[]string{"V15 station a-2, ballot 3", "V19 station a-2, ballot 3"},
		},
		{
			"ballots-reordered", County, "T08", station, "Two ballots are exchanged: the order could tell in which they were cast.",
			func(w *World) {
				b := w.boxes["a-2"]
				b.Ballots[0], b.Ballots[1] = b.Ballots[1], b.Ballots[0]
				w.recount("a-2")
			},
			[]string{"V15 station a-2, ballot 2"},
		},
		{
			"ballots-in-order-of-time", County, "T08", station, "The ballots stand in the order in which they were cast.",
			func(w *World) {
				b := w.boxes["a-1"]
				slices.Reverse(b.Ballots)
				w.recount("a-1")
			},
			[]string{"V15 station a-1, ballot 2", "V15 station a-1, ballot 3", "V15 station a-1, ballot 4"},
		},
		{
			"ballot-replayed", County, "T08", station, "The ciphertexts of one ballot are cast again with a new proof, by who knows its seed.",
			func(w *World) {
				first := w.Ballot("a-2", []int{1, 1}, "voter 1")
				w.stuff("a-2", w.BallotOf("a-2", []int{1, 1}, w.Seed("a-2 voter 1"), "another proof"))
				if compare(w.code("a-2", first), w.code("a-2", w.target)) > 0 {
					w.target = first // of the two, the later in the file is named
				}
				w.recount("a-2")
			},
			[]string{"V19 station a-2, ballot ?"},
		},
		{
			"seed-twice-in-record", County, "T08", kiosk, "Two stations used one seed, as cloned machines would: who knows the one ballot reads the other.",
			func(w *World) {
				w.stuff("b-2", w.BallotOf("b-2", []int{2, 2}, w.Seed("a-1 voter 1"), "cloned"))
				w.recount("b-2")
			},
			[]string{"V19 station b-2, ballot ?"},
		},
		{
			"alpha-twice-in-ballot", County, "T08", kiosk, "Two options of one ballot were encrypted with one nonce: their quotient shows which of them was chosen.",
			at(func(w *World, _ []byte) []byte {
				return w.Forge("b-1", "voter 1", Forgery{Vector: [][]int{{0, 1, 0}, {1, 0, 0}}, Claim: []int{2, 1}, OneNonce: true})
			}),
			[]string{"V19 station b-1, ballot 1"},
		},
		{
			"seed-twice-challenged", County, "T08", kiosk, "Two stations made a challenged ballot each from one seed, as cloned machines would.",
			func(w *World) {
				c := *w.boxes["a-2"].Challenged[0]
				seed := w.Seed("a-1 test 1")
				c.Ballot, c.Seed = w.BallotOf("a-2", c.Selections, seed, "cloned test"), seed.Export()
				c.Code = w.code("a-2", c.Ballot)
				w.boxes["a-2"].Challenged[0] = &c
				w.recount("a-2")
			},
			[]string{"V19 station a-2, challenged ballot 1"},
		},
		{
			"seed-of-challenge-cast", County, "T08", kiosk, "A ballot was cast with the seed that opens a challenged one: everybody can read it.",
			func(w *World) {
				w.stuff("a-1", w.BallotOf("a-1", []int{2, 2}, w.Seed("a-1 test 1"), "cast after test"))
				w.recount("a-1")
				w.target = w.Challenged("a-1", []int{1, 2}, "test 1").Ballot
			},
			[]string{"V19 station a-1, challenged ballot ?"},
		},
		{
			"ballot-copied-to-other-station", County, "T08", station, "A ballot of station a-1 is counted at station b-2, too.",
			func(w *World) {
				w.stuff("b-2", w.boxes["a-1"].Ballots[0])
				w.recount("b-2")
			},
			[]string{"V18 station b-2, ballot ?", "V19 station b-2, ballot ?"},
		},
		{
			"ballot-moved-to-other-station", County, "T09", station, "A ballot of station a-1 is counted at station b-2 instead.",
			func(w *World) {
				ballot := w.boxes["a-1"].Ballots[0]
				w.boxes["a-1"].Ballots = w.boxes["a-1"].Ballots[1:]
				w.boxes["a-1"].count(-1)
				w.stuff("b-2", ballot)
				w.Close("a-1")
				w.recount("b-2")
			},
			[]string{"V18 station b-2, ballot ?"},
		},
		{
			"rehearsal-ballot", County, "T09", station, "A ballot of the rehearsal is counted in the live vote.",
			func(w *World) {
				w.stuff("a-2", Build(Rehearsal()).boxes["a-2"].Ballots[0])
				w.Close("a-2")
				w.Aggregate(func(*record.Aggregates) {})
				w.answers()
				w.Inventory(func(*record.Inventory) {})
			},
			// It is encrypted to the rehearsal's key, so the sum decrypts to nothing.
			[]string{"V18 station a-2, ballot ?", "V27 result.json"},
		},
	}
}

// stuff adds ballots to a box, in their order, with voters to match.
func (w *World) stuff(id string, ballots ...[]byte) {
	b := w.boxes[id]
	b.Ballots = append(b.Ballots, ballots...)
	w.target = ballots[len(ballots)-1]
	b.count(len(ballots))
	w.Sort(id)
}

func (b *Box) count(n int) {
	for _, c := range []*uint32{&b.Counts.Attendances, &b.Counts.Sessions, &b.Counts.Cast, &b.Counts.SlipsPrinted} {
		*c += uint32(n)
	}
}

// recount closes a station and makes everything that follows.
func (w *World) recount(id string) {
	w.Close(id)
	w.Count()
}

// cutBallots takes n ballots off a station's file; withBallots adds some, in
// order. The checkpoint stays.
func (w *World) cutBallots(id string, n int) {
	name := record.StationFile(id, record.BallotsFile)
	w.Files[name] = w.Files[name][n*w.Election.BallotSize():]
}

func (w *World) withBallots(id string, ballots ...[]byte) {
	w.stuff(id, ballots...)
	w.file(id, record.BallotsFile, slices.Concat(w.boxes[id].Ballots...))
}
