package adversary

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/record"
)

// A field is a value in a file.
type field struct {
	name       string
	begin, end int
	kind       byte // 's' text, 'x' bytes
}

// fieldsOf lists the fields of a file; of equal fields in lists only the first.
func fieldsOf(w *World, name string) []field {
	switch {
	case strings.HasSuffix(name, ".json"):
		p := &walker{b: w.Files[name], seen: map[string]bool{}}
		p.value("")
		return p.fields
	case strings.HasSuffix(name, "/"+record.CheckpointFile):
		return lines(w.Files[name])
	case strings.HasSuffix(name, "/"+record.BallotsFile):
		return ballotFields(w.Election.Manifest.Shape())
	}
	shape := w.Election.Manifest.Shape()
	return append(ballotFields(shape),
		field{"seed", shape.Size(), shape.Size() + 32, 'x'},
		field{"selection of question 1", shape.Size() + 32, shape.Size() + 33, 'x'})
}

// lines are the fields of a checkpoint: what stands before the line's end.
func lines(b []byte) []field {
	var fields []field
	begin := 0
	for i, c := range b {
		if c != '\n' {
			continue
		}
		if i > begin {
			fields = append(fields, field{fmt.Sprintf("line %d", len(fields)+1), begin, i, 's'})
		}
		begin = i + 1
	}
	return fields
}

// ballotFields lists every value of a ballot.
func ballotFields(shape proof.Shape) []field {
	var fields []field
	at := 0
	add := func(format string, args ...any) {
		fields = append(fields, field{fmt.Sprintf(format, args...), at, at + 32, 'x'})
		at += 32
	}
	for q, n := range shape {
		for i := range n {
			add("question %d, alpha %d", q+1, i+1)
			add("question %d, beta %d", q+1, i+1)
		}
		for j := range n + 1 {
			add("question %d, commitment a %d", q+1, j)
			add("question %d, commitment b %d", q+1, j)
		}
		for j := range n {
			add("question %d, challenge %d", q+1, j)
		}
		for j := range n + 1 {
			add("question %d, response %d", q+1, j)
		}
	}
	return fields
}

var digitsOnly = regexp.MustCompile(`^[0-9a-f]{32,}$`)

// flip changes the last bit of a field's last character, so that what comes out
// is as much alike as can be.
func (f field) flip(b []byte) (Flip, bool) {
	if f.begin == f.end {
		return Flip{}, false
	}
	at := f.end - 1
	old := b[at]
	flip := Flip{Field: f.name, Offset: at, Old: record.Bytes{old}, New: record.Bytes{old ^ 1}}
	switch text := string(b[f.begin:f.end]); {
	case f.kind == 'x':
		flip.Offset = f.begin // the lowest bit of a number in little endian
		flip.Old, flip.New = record.Bytes{b[f.begin]}, record.Bytes{b[f.begin] ^ 1}
	case text == "true":
		flip.Offset, flip.Old, flip.New = f.begin, record.Bytes("true"), record.Bytes("false")
	case text == "false":
		flip.Offset, flip.Old, flip.New = f.begin, record.Bytes("false"), record.Bytes("true")
	case digitsOnly.MatchString(text):
		flip.New = record.Bytes{flipDigit(old)}
	}
	return flip, true
}

// flipDigit changes the lowest bit of a hexadecimal digit.
func flipDigit(c byte) byte {
	const digits = "0123456789abcdef"
	return digits[strings.IndexByte(digits, c)^1]
}

// rejecting names the checks that must fail: the inventory's, and that of the
// document. It asks the parsers which of two it is, never the verifier.
func (w *World) rejecting(name string, f Flip) []string {
	changed := f.Apply(w.Files[name])
	number := regexp.MustCompile(`[0-9]`)
	switch {
	case name == record.ManifestFile:
		if _, err := record.ParseManifest(changed); err != nil {
			return []string{"V01"}
		}
		return []string{"V02"}
	case name == record.JointKeyFile:
		if _, err := record.NewElection(w.manifest, changed); err != nil {
			return []string{"V02"}
		}
		return []string{"V08", "V04"} // another H_E
	case name == record.InventoryFile:
		return []string{"V04"}
	case strings.HasSuffix(name, "/"+record.BallotsFile):
		if _, err := proof.ParseBallot(w.Election.Manifest.Shape(), changed[:w.Election.BallotSize()]); err != nil {
			return []string{"V17", "V16", "V04"}
		}
		return []string{"V18", "V16", "V04"}
	}
	kind := name[strings.LastIndexByte(name, '/')+1:]
	return []string{map[string]string{
		"enrolment-#.json": "V05", "commitment-#.json": "V06", "reveal-#.json": "V07", "confirmation-#.json": "V09",
		"closing.json": "V11", "checkpoint": "V13", "challenged": "V20",
		"aggregates.json": "V23", "trustee-#.json": "V25", "result.json": "V27",
	}[number.ReplaceAllString(kind, "#")], "V04"}
}

// A walker finds the fields of canonical JSON.
type walker struct {
	b      []byte
	at     int
	seen   map[string]bool
	fields []field
}

// value reads one value; path names it, with all places of a list alike.
func (p *walker) value(path string) {
	switch p.b[p.at] {
	case '{':
		p.list('}', func() {
			begin := p.at
			p.text()
			name := string(p.b[begin+1 : p.at-1])
			p.at++ // the colon
			p.value(strings.TrimPrefix(path+"."+name, "."))
		})
	case '[':
		p.list(']', func() { p.value(path + "[]") })
	case '"':
		begin := p.at
		p.text()
		p.add(path, begin+1, p.at-1)
	default:
		begin := p.at
		for !strings.ContainsRune(",]}\n", rune(p.b[p.at])) {
			p.at++
		}
		p.add(path, begin, p.at)
	}
}

func (p *walker) list(end byte, element func()) {
	for p.at++; p.b[p.at] != end; {
		element()
		if p.b[p.at] == ',' {
			p.at++
		}
	}
	p.at++
}

func (p *walker) text() {
	for p.at++; p.b[p.at] != '"'; p.at++ {
		if p.b[p.at] == '\\' {
			p.at++
		}
	}
	p.at++
}

func (p *walker) add(path string, begin, end int) {
	if !p.seen[path] {
		p.seen[path] = true
		p.fields = append(p.fields, field{path, begin, end, 's'})
	}
}
