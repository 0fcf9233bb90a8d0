package adversary

import (
	"strings"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
)

// stationAttacks change who says what about a station, not its ballots.
func stationAttacks() []Attack {
	closed := func(change func(*record.Closing, *ballotlog.Checkpoint)) func(*World) {
		return func(w *World) {
			w.CloseWith("a-1", change)
			w.Inventory(func(*record.Inventory) {})
		}
	}
	counts := func(change func(*record.Counts)) func(*World) {
		return closed(func(c *record.Closing, _ *ballotlog.Checkpoint) { change(&c.Counts) })
	}
	signed := func(sign func(w *World, c record.Closing)) func(*World) {
		return func(w *World) {
			sign(w, w.Closing("a-1").Body)
			w.Inventory(func(*record.Inventory) {})
		}
	}
	return []Attack{
		{
			"station-unknown", County, "T05", authority, "There is a folder of a station that the manifest does not have.",
			func(w *World) {
				for _, name := range []string{record.BallotsFile, record.ChallengedFile, record.CheckpointFile, record.ClosingFile} {
					w.file("z-9", name, w.Files[record.StationFile("a-1", name)])
				}
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{
				"V10 stations/z-9",
				"V03 stations/z-9/ballots", "V03 stations/z-9/challenged", "V03 stations/z-9/checkpoint", "V03 stations/z-9/closing.json",
			},
		},
		{
			"station-is-a-file", County, "T05", authority, "Station b-1 is a file instead of a folder.",
			func(w *World) {
				w.dropStation("b-1")
				w.Files["stations/b-1"] = []byte("lost\n")
				w.Count()
			},
			[]string{"V10 stations/b-1", "V03 stations/b-1"},
		},
		{
			"closing-by-one-official", County, "T05", station, "Only one official signed the closing statement.",
			signed(func(w *World, c record.Closing) { w.SignClosing("a-1", c, 1) }),
			[]string{"V11 station a-1"},
		},
		{
			"closing-by-one-official-twice", County, "T05", station, "One official signed for two.",
			signed(func(w *World, c record.Closing) {
				s := &record.Signed[record.Closing]{Body: c}
				check(s.Sign(record.SignerStation("a-1"), signer("station a-1")))
				for i := 1; i <= 2; i++ {
					check(s.Sign(record.SignerOfficial(i), signer(official(1, "a-1"))))
				}
				w.put(record.StationFile("a-1", record.ClosingFile), s)
			}),
			[]string{"V11 station a-1"},
		},
		{
			"closing-signatures-reordered", County, "T05", carrier, "The signatures stand in another order: a second encoding of one document.",
			signed(func(w *World, c record.Closing) { w.SignClosing("a-1", c, 2, 1) }),
			[]string{"V11 station a-1"},
		},
		{
			"closing-by-others-officials", County, "T05", station, "Officials of another station signed.",
			signed(func(w *World, c record.Closing) {
				s := &record.Signed[record.Closing]{Body: c}
				check(s.Sign(record.SignerStation("a-1"), signer("station a-1")))
				for i := 1; i <= 2; i++ {
					check(s.Sign(record.SignerOfficial(i), signer(official(i, "a-2"))))
				}
				w.put(record.StationFile("a-1", record.ClosingFile), s)
			}),
			[]string{"V11 station a-1"},
		},
		{
			"closing-of-other-election", County, "T05", station, "The closing statement is for another election.",
			closed(func(c *record.Closing, _ *ballotlog.Checkpoint) { c.Election = record.FileHash([]byte("another")) }),
			[]string{"V11 station a-1"},
		},
		{
			"closing-of-other-station", County, "T05", station, "The closing statement is for another station.",
			closed(func(c *record.Closing, _ *ballotlog.Checkpoint) { c.Station = "a-2" }),
			[]string{"V11 station a-1"},
		},
		{
			"closing-second-spelling", County, "T05", authority, "The closing statement says the same with a space between two tokens: nothing in it can be asked.",
			func(w *World) {
				w.replaceOnce(record.StationFile("a-1", record.ClosingFile), `"station":`, `"station": `)
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V11 station a-1"},
		},
		{
			"more-registered-than-manifest", County, "T06", station, "The station counts more registered voters than the manifest.",
			counts(func(c *record.Counts) { c.Registered++ }), []string{"V12 station a-1"},
		},
		{
			"more-ballots-than-attendances", County, "T06", station, "There is one ballot more than voters came.",
			counts(func(c *record.Counts) { c.Attendances-- }), []string{"V12 station a-1"},
		},
		{
			"more-attendances-than-ballots", County, "T06", station, "A voter was marked and has no ballot.",
			counts(func(c *record.Counts) { c.Attendances++ }), []string{"V12 station a-1"},
		},
		{
			"sessions-do-not-add-up", County, "T06", station, "There was a session that ended in nothing.",
			counts(func(c *record.Counts) { c.Sessions++ }), []string{"V12 station a-1"},
		},
		{
			"slips-do-not-add-up", County, "T06", station, "A slip was printed that was neither cast nor voided.",
			counts(func(c *record.Counts) { c.SlipsPrinted++ }), []string{"V12 station a-1"},
		},
		{
			"challenges-without-slips", County, "T06", station, "Fewer slips were voided than ballots challenged.",
			counts(func(c *record.Counts) { c.SlipsVoided, c.SlipsPrinted = 1, 5 }), []string{"V12 station a-1"},
		},
		{
			"slips-voided-without-reason", County, "T06", station, "More slips were voided than ballots challenged and sessions abandoned.",
			counts(func(c *record.Counts) { c.SlipsVoided, c.SlipsPrinted = 4, 8 }), []string{"V12 station a-1"},
		},
		{
			"counts-wrap-around", County, "T06", station, "The sum of ballots cast and sessions abandoned fits only modulo 2^32.",
			counts(func(c *record.Counts) { c.Abandoned, c.Sessions = 1<<32-2, 2 }), []string{"V12 station a-1"},
		},
		{
			"checkpoint-of-other-station", County, "T07", carrier, "The checkpoint is that of station a-2.",
			func(w *World) {
				w.file("a-1", record.CheckpointFile, w.Files["stations/a-2/checkpoint"])
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V13 station a-1"},
		},
		{
			"checkpoint-by-others", County, "T07", authority, "The checkpoint is signed with a key that is not the station's.",
			func(w *World) {
				c := must(ballotlog.Open(w.Files["stations/a-1/checkpoint"], w.stationKey("a-1"), w.Election.ID, "a-1"))
				w.file("a-1", record.CheckpointFile, must(ballotlog.Sign(c, signer("an impostor"))))
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V13 station a-1"},
		},
		{
			"checkpoint-with-witness", County, "T07", carrier, "A second signature was added to the checkpoint.",
			func(w *World) {
				note := string(w.Files["stations/a-1/checkpoint"])
				last := note[strings.LastIndex(note, "— "):]
				w.file("a-1", record.CheckpointFile, []byte(note+strings.Replace(last, "/a-1", "/a-9", 1)))
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V13 station a-1"},
		},
		{
			"checkpoint-and-closing-differ", County, "T07", station, "The tape that watchers took home has another root than the checkpoint.",
			closed(func(c *record.Closing, _ *ballotlog.Checkpoint) {
				c.BallotsRoot = record.FileHash([]byte("other ballots"))
			}),
			[]string{"V13 station a-1"},
		},
		{
			"checkpoint-of-other-size", County, "T07", station, "The checkpoint says three ballots, all else four.",
			closed(func(_ *record.Closing, c *ballotlog.Checkpoint) { c.Size-- }),
			[]string{"V13 station a-1", "V14 station a-1"},
		},
		{
			"station-dropped", County, "T05", authority, "Station b-2's folder is gone, and nobody says so.",
			func(w *World) {
				w.dropStation("b-2")
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V23 aggregates.json", "V24 aggregates.json"},
		},
		{
			"station-dropped-and-counted-again", County, "T05", insiders, "Station b-2's folder is gone, the sums are made without it, and it is not named as missing.",
			func(w *World) {
				w.dropStation("b-2")
				w.Aggregate(func(a *record.Aggregates) { a.Missing = nil })
				w.Answer()
			},
			[]string{"V23 aggregates.json"},
		},
		{
			"station-named-missing", County, "T05", insiders, "Station b-2 is named as missing, and its ballots are not counted, though its folder is there.",
			func(w *World) {
				files := w.Files
				c := w.clone()
				c.dropStation("b-2")
				c.Aggregate(func(*record.Aggregates) {})
				w.Files[record.AggregatesFile] = c.Files[record.AggregatesFile]
				w.Files = files
				w.Answer()
			},
			[]string{"V23 aggregates.json"},
		},
	}
}

func (w *World) dropStation(id string) {
	for name := range w.Files {
		if strings.HasPrefix(name, record.StationFile(id, "")+"/") {
			delete(w.Files, name)
		}
	}
}

func (w *World) stationKey(id string) []byte {
	k := Key("station " + id).Public()
	return k[:]
}
