package adversary

import (
	"bytes"

	"github.com/openreferendum/referendum/record"
)

// fileAttacks change files and sign nothing, or only the inventory.
func fileAttacks() []Attack {
	ballots := record.StationFile("a-1", record.BallotsFile)
	return []Attack{
		{
			"carrier-drops-ballot", County, "T07", carrier, "The first ballot of station a-1 is cut out of its file.",
			func(w *World) { w.Files[ballots] = w.Files[ballots][w.Election.BallotSize():] },
			[]string{"V14 station a-1", "V16 station a-1", "V04 inventory.json", "V23 aggregates.json", "V24 aggregates.json"},
		},
		{
			"truncated-ballots", County, "T07", carrier, "The file of station a-1's ballots ends in the middle of the last one.",
			func(w *World) { w.Files[ballots] = w.Files[ballots][:len(w.Files[ballots])-1] },
			[]string{"V14 station a-1", "V14 station a-1, ballot 4", "V16 station a-1", "V04 inventory.json", "V23 aggregates.json", "V24 aggregates.json"},
		},
		{
			"ballots-file-gone", County, "T07", carrier, "Station a-1 has no file of ballots.",
			func(w *World) { delete(w.Files, ballots) },
			[]string{"V14 station a-1", "V03 " + ballots, "V16 station a-1", "V04 inventory.json", "V23 aggregates.json", "V24 aggregates.json"},
		},
		{
			"file-too-many", County, "T02", authority, "The authority published, and signed for, a file that does not belong in a record.",
			func(w *World) {
				w.Files["stations/a-1/times"] = []byte("08:00\n")
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V03 stations/a-1/times"},
		},
		{
			"folder-in-station", County, "T02", authority, "The folder of station a-1 has a folder in it, with a file that the authority signed for.",
			func(w *World) {
				w.Files["stations/a-1/early/ballots"] = w.Files[ballots]
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V03 stations/a-1/early", "V03 stations/a-1/early/ballots"},
		},
		{
			"file-unsigned", County, "T02", carrier, "The closing statement was signed again by other officials after the inventory.",
			func(w *World) { w.SignClosing("a-1", w.Closing("a-1").Body, 1, 3) },
			[]string{"V04 inventory.json"},
		},
		{
			"inventory-of-others", County, "T02", carrier, "The inventory is signed with a key that is not the authority's.",
			func(w *World) {
				v := must(record.ParseSigned[record.Inventory](w.Files[record.InventoryFile]))
				v.Signatures = nil
				check(v.Sign(record.SignerAuthority, signer("an impostor")))
				w.put(record.InventoryFile, v)
			},
			[]string{"V04 inventory.json"},
		},
		{
			"inventory-leaves-out", County, "T02", authority, "The inventory does not name the ballots of station a-1: anybody could change them later.",
			func(w *World) {
				w.Inventory(func(v *record.Inventory) {
					v.Files = deleteFunc(v.Files, func(f record.File) bool { return f.Path == ballots })
				})
			},
			[]string{"V04 inventory.json"},
		},
		{
			"inventory-gone", County, "T02", carrier, "There is no inventory.",
			func(w *World) { delete(w.Files, record.InventoryFile) },
			[]string{"V04 inventory.json", "V03 inventory.json"},
		},
	}
}

func deleteFunc[T any](list []T, drop func(T) bool) []T {
	var kept []T
	for _, x := range list {
		if !drop(x) {
			kept = append(kept, x)
		}
	}
	return kept
}

// replaceOnce changes bytes of a file; they must stand in it.
func (w *World) replaceOnce(name, old, new string) {
	if !bytes.Contains(w.Files[name], []byte(old)) {
		panic("adversary: internal error: " + name + " does not contain " + old)
	}
	w.Files[name] = bytes.Replace(w.Files[name], []byte(old), []byte(new), 1)
}
