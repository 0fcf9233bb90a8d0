package adversary

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/openreferendum/referendum/record"
)

// A Case is the case.json of one corrupted record: record/testdata/README.md.
type Case struct {
	Base     string   `json:"base"`
	Attacker string   `json:"attacker"`
	Threat   string   `json:"threat"`
	Reason   string   `json:"reason"`
	Checks   []Reject `json:"checks"`
	Remove   []string `json:"remove,omitempty"`
}

// A Reject is one check that must fail, and where.
type Reject struct {
	Check string `json:"check"`
	Where string `json:"where"`
}

// Valid lists the plans of the valid records, by the name of their folders.
func Valid() map[string]func() Plan {
	return map[string]func() Plan{
		"county": County, "rehearsal": Rehearsal, "missing": Missing, "cantons": Cantons, "hamlet": Hamlet,
	}
}

// Corpus makes all files of record/testdata but its README, by path.
func Corpus() map[string][]byte {
	files := map[string][]byte{}
	bases := map[string]*World{}
	for name, plan := range Valid() {
		bases[name] = Build(plan())
		for file, b := range bases[name].Files {
			files["valid/"+name+"/"+file] = b
		}
	}
	for _, a := range Attacks() {
		base := bases[a.Base().Name]
		begin := base
		if a.Base().Variant {
			begin = Build(a.Base())
		}
		attacked, rejects := a.Play(begin)
		maps.Copy(files, a.files(base, attacked, rejects))
	}
	files["corrupt/flips.json"] = document(Flips(bases["hamlet"]))
	return files
}

// files writes the case of an attack: what differs from the base.
func (a Attack) files(base, attacked *World, rejects []Reject) map[string][]byte {
	files := map[string][]byte{}
	dir := "corrupt/" + a.Name + "/"
	c := Case{Base: "valid/" + a.Base().Name, Attacker: a.Attacker, Threat: a.Threat, Reason: a.Reason, Checks: rejects}
	for name, b := range attacked.Files {
		if old, ok := base.Files[name]; !ok || !bytes.Equal(old, b) {
			files[dir+"files/"+name] = b
		}
	}
	for name := range base.Files {
		if _, ok := attacked.Files[name]; !ok {
			c.Remove = append(c.Remove, name)
		}
	}
	slices.Sort(c.Remove)
	files[dir+"case.json"] = document(c)
	return files
}

// document writes JSON for people, and for programs in any language.
func document(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	check(e.Encode(v))
	return b.Bytes()
}

// A Flip changes one bit, digit or truth value of one field and signs nothing:
// the carrier's attack.
type Flip struct {
	File   string       `json:"file"`
	Field  string       `json:"field"`
	Offset int          `json:"offset"` // in bytes, from 0
	Old    record.Bytes `json:"old"`
	New    record.Bytes `json:"new"`
	Checks []string     `json:"checks"` // must fail; others may
}

// FlipList is flips.json.
type FlipList struct {
	Base   string `json:"base"`
	Threat string `json:"threat"`
	Flips  []Flip `json:"flips"`
}

// Flips changes every field of every file of a record, one at a time.
func Flips(w *World) FlipList {
	list := FlipList{Base: "valid/" + w.plan.Name, Threat: "T02"}
	for _, name := range slices.Sorted(maps.Keys(w.Files)) {
		for _, f := range fieldsOf(w, name) {
			flip, ok := f.flip(w.Files[name])
			if !ok {
				continue
			}
			flip.File = name
			flip.Checks = w.rejecting(name, flip)
			list.Flips = append(list.Flips, flip)
		}
	}
	return list
}

// Apply returns the file with the flip in it.
func (f Flip) Apply(b []byte) []byte {
	if !bytes.Equal(b[f.Offset:f.Offset+len(f.Old)], f.Old) {
		panic(fmt.Sprintf("adversary: internal error: %s, %s: not there", f.File, f.Field))
	}
	return slices.Concat(b[:f.Offset], f.New, b[f.Offset+len(f.Old):])
}
