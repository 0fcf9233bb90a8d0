package slip

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/code"
)

var update = flag.Bool("update", false, "write the golden files")

func text(zh, en string) record.Text { return record.Text{"zh-Hant": zh, "en": en} }

func hash(b byte) record.Hash { return sha256.Sum256([]byte{b}) }

func election(kind string) (*record.Election, record.Station) {
	options := []record.Option{
		{ID: "agree", Label: text("同意", "Agree"), Kind: record.ValidOption},
		{ID: "disagree", Label: text("不同意", "Disagree"), Kind: record.ValidOption},
		{ID: "blank", Label: text("空白", "Left blank"), Kind: record.BlankOption},
	}
	m := &record.Manifest{
		Kind: kind, Languages: []string{"zh-Hant", "en"},
		Title: text("全國性公民投票", "National referendum"),
		Questions: []record.Question{
			{ID: "q17", Title: text("第17案：您是否同意核四啟封商轉發電？", "Case 17: Do you agree that the Fourth Nuclear Power Plant be unsealed and put into commercial operation?"), Options: options},
			{ID: "q18", Title: text("第18案：你是否同意政府應全面禁止進口含有萊克多巴胺之乙型受體素豬隻之肉品、內臟及其相關產製品？", "Case 18: Do you agree that the import of pork containing ractopamine be fully banned?"), Options: options},
		},
	}
	s := record.Station{
		ID: "09007-010-0001-0001", Name: text("連江縣南竿鄉介壽村第1投票所", "Nangan, Jieshou, station 1"), Registered: 420,
		Officials: []record.Key{{1}, {2}, {3}},
	}
	m.Stations = []record.Station{s}
	return &record.Election{ID: hash(1), Manifest: m}, s
}

const checkpoint = "referendum/09007-010-0001-0001\n350\nR0RHNVNYZ1BBZ1VYU0pXVkFtYjNnQ29BSkdsb3RkWG0=\n\n— 09007-010-0001-0001 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"

const emptyCheckpoint = "referendum/09007-010-0001-0001\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— 09007-010-0001-0001 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"

func samples(t *testing.T) map[string]Page {
	t.Helper()
	live, s := election(record.Live)
	test, _ := election(record.TestDeck)
	rehearsal, _ := election(record.Rehearsal)
	counts := record.Counts{Registered: 420, Attendances: 350, Sessions: 353, Cast: 350, Challenged: 2, Abandoned: 3, SlipsPrinted: 354, SlipsVoided: 4}
	made, err := Slip(live.Manifest, s, []int{2, 0})
	if err != nil {
		t.Fatal(err)
	}
	practice, err := Slip(rehearsal.Manifest, s, []int{1, 3})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Challenge(live, s, &record.ChallengedBallot{Code: hash(2), Seed: hash(3), Selections: []int{2, 0}})
	if err != nil {
		t.Fatal(err)
	}
	again, err := Reprint(live.Manifest, opened)
	if err != nil {
		t.Fatal(err)
	}
	tape, err := Reprint(rehearsal.Manifest, ZeroTape(rehearsal, s, record.Counts{Registered: 420}, hash(4), []byte(emptyCheckpoint)))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]Page{
		"challenge-reprint": again, "zero-tape-rehearsal-reprint": tape,
		"slip": made, "slip-rehearsal": practice, "receipt": Receipt(live, s, hash(2)), "receipt-test": Receipt(test, s, hash(2)),
		"challenge": opened, "void": Void(live.Manifest),
		"zero-tape":    ZeroTape(live, s, record.Counts{Registered: 420}, hash(4), []byte(emptyCheckpoint)),
		"closing-tape": ClosingTape(live, s, counts, hash(4), []byte(checkpoint)),
	}
}

// TestGolden holds the canonical encoding of every kind of page. Package raster
// draws the same files.
func TestGolden(t *testing.T) {
	for name, p := range samples(t) {
		b, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		file := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(file, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, want) {
			t.Errorf("%s is not as in testdata (go test -update rewrites it):\n%s", name, b)
		}
		if again, err := Parse(b); err != nil || again.Plain() != p.Plain() {
			t.Errorf("%s does not come back: %v", name, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct{ page, want string }{
		"empty":              {"", "page: EOF"},
		"no blocks":          {`{"kind":"slip","blocks":[]}`, "page: 0 blocks, allowed are 1 to 512"},
		"unknown kind":       {`{"kind":"poster","blocks":[{"kind":"rule"}]}`, `page: no kind "poster"`},
		"unknown field":      {`{"kind":"slip","time":"08:00","blocks":[{"kind":"rule"}]}`, `page: json: unknown field "time"`},
		"unknown block":      {`{"kind":"slip","blocks":[{"kind":"photo"}]}`, `page: block 1: a slip has no block "photo"`},
		"code on a slip":     {`{"kind":"slip","blocks":[{"kind":"code","label":"n","text":"7"}]}`, `page: block 1: a slip has no block "code"`},
		"QR on a slip":       {`{"kind":"slip","blocks":[{"kind":"qr","text":"7"}]}`, `page: block 1: a slip has no block "qr"`},
		"choice on receipt":  {`{"kind":"receipt","blocks":[{"kind":"choice","number":1,"label":"q","text":"yes"},{"kind":"cut"}]}`, `page: block 1: a receipt has no block "choice"`},
		"receipt not cut":    {`{"kind":"receipt","blocks":[{"kind":"rule"}]}`, "page: block 1: a receipt is cut at its end and only there"},
		"receipt cut early":  {`{"kind":"receipt","blocks":[{"kind":"cut"},{"kind":"rule"},{"kind":"cut"}]}`, "page: block 1: a receipt is cut at its end and only there"},
		"slip that is cut":   {`{"kind":"slip","blocks":[{"kind":"cut"}]}`, `page: block 1: a slip has no block "cut"`},
		"rule with text":     {`{"kind":"slip","blocks":[{"kind":"rule","text":"x"}]}`, "page: block 1: a rule with a field too many or too few"},
		"row without text":   {`{"kind":"slip","blocks":[{"kind":"row","label":"x"}]}`, "page: block 1: a row with a field too many or too few"},
		"numbered text":      {`{"kind":"slip","blocks":[{"kind":"text","number":1,"text":"x"}]}`, "page: block 1: a text with a field too many or too few"},
		"question -1":        {`{"kind":"slip","blocks":[{"kind":"choice","number":-1,"label":"q","text":"x"}]}`, "page: block 1: question -1, allowed are 1 to 64"},
		"white space":        {`{"kind":"slip", "blocks":[{"kind":"rule"}]}`, "page: not the canonical encoding"},
		"field given twice":  {`{"kind":"slip","kind":"slip","blocks":[{"kind":"rule"}]}`, "page: not the canonical encoding"},
		"tab":                {`{"kind":"slip","blocks":[{"kind":"text","text":"a\tb"}]}`, "page: block 1: a character that cannot be printed"},
		"carriage return":    {`{"kind":"slip","blocks":[{"kind":"text","text":"a\rb"}]}`, "page: block 1: a character that cannot be printed"},
		"line separator":     {`{"kind":"slip","blocks":[{"kind":"text","text":"a\u2028b"}]}`, "page: block 1: a character that cannot be printed"},
		"not UTF-8":          {"{\"kind\":\"slip\",\"blocks\":[{\"kind\":\"text\",\"text\":\"\xff\"}]}", "page: not UTF-8"},
		"something after it": {`{"kind":"slip","blocks":[{"kind":"rule"}]}` + "\n{}", "page: not the canonical encoding"},
	} {
		page := c.page
		if page != "" {
			page += "\n"
		}
		if _, err := Parse([]byte(page)); err == nil || err.Error() != c.want {
			t.Errorf("%s: error %q, want %q", name, err, c.want)
		}
	}
}

func TestSlipRefuses(t *testing.T) {
	e, s := election(record.Live)
	for name, c := range map[string]struct {
		selections []int
		want       string
	}{
		"too few":         {[]int{1}, "describing a page: 1 selections for 2 questions"},
		"too many":        {[]int{1, 1, 1}, "describing a page: 3 selections for 2 questions"},
		"no such option":  {[]int{1, 4}, "describing a page: question 2 has no option 4"},
		"negative option": {[]int{-1, 1}, "describing a page: question 1 has no option -1"},
	} {
		if _, err := Slip(e.Manifest, s, c.selections); err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// TestEqualChoicesEqualSlips: nothing but the choices tells two slips of a
// station apart.
func TestEqualChoicesEqualSlips(t *testing.T) {
	e, s := election(record.Live)
	seen := map[string]bool{}
	for range 3 {
		for a := range 4 {
			for b := range 4 {
				p, err := Slip(e.Manifest, s, []int{a, b})
				if err != nil {
					t.Fatal(err)
				}
				seen[p.Plain()] = true
			}
		}
	}
	if len(seen) != 16 {
		t.Errorf("%d different slips of 16 possible choices", len(seen))
	}
}

// TestReceiptIsSilent: a receipt says the code and nothing of the choices.
func TestReceiptIsSilent(t *testing.T) {
	e, s := election(record.Live)
	plain := Receipt(e, s, hash(2)).Plain()
	if !strings.Contains(plain, code.Format(hash(2))) || !strings.Contains(plain, "does not show your choices") {
		t.Errorf("the receipt does not say what it is for:\n%s", plain)
	}
	for _, q := range e.Manifest.Questions {
		for _, o := range q.Options {
			if strings.Contains(plain, o.Label["en"]) || strings.Contains(plain, o.Label["zh-Hant"]) {
				t.Errorf("the receipt shows the option %s", o.ID)
			}
		}
	}
}

// TestNotLiveIsMarked: the first and the last thing on every page of a
// rehearsal or a test deck is its mark, and no live page has one.
func TestNotLiveIsMarked(t *testing.T) {
	for kind, word := range map[string]string{record.Rehearsal: "演練", record.TestDeck: "測試", record.Live: ""} {
		e, s := election(kind)
		made, err := Slip(e.Manifest, s, []int{1, 1})
		if err != nil {
			t.Fatal(err)
		}
		opened, err := Challenge(e, s, &record.ChallengedBallot{Selections: []int{1, 1}})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []Page{made, opened, Receipt(e, s, hash(2)), Void(e.Manifest),
			ZeroTape(e, s, record.Counts{}, hash(4), []byte(checkpoint)), ClosingTape(e, s, record.Counts{}, hash(4), []byte(checkpoint))} {
			bs := p.Blocks
			if bs[len(bs)-1].Kind == Cut {
				bs = bs[:len(bs)-1]
			}
			last := bs[len(bs)-1]
			marked := last.Kind == Mark && strings.Contains(last.Text, word)
			if p.Kind != KindVoid {
				marked = marked && bs[0] == last
			}
			if marked != (kind != record.Live) {
				t.Errorf("%s of a %s: marked is %t", p.Kind, kind, marked)
			}
		}
	}
}

// TestReprint: the mark stands at both ends of what is printed again, within that
// of a vote that is not live, and nothing else changes.
func TestReprint(t *testing.T) {
	for _, kind := range []string{record.Live, record.Rehearsal, record.TestDeck} {
		e, s := election(kind)
		opened, err := Challenge(e, s, &record.ChallengedBallot{Selections: []int{1, 1}})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []Page{opened, ZeroTape(e, s, record.Counts{}, hash(4), []byte(checkpoint)), ClosingTape(e, s, record.Counts{}, hash(4), []byte(checkpoint))} {
			before := p.Plain()
			again, err := Reprint(e.Manifest, p)
			if err != nil {
				t.Fatal(err)
			}
			if err := again.Validate(); err != nil {
				t.Errorf("%s of a %s: %v", p.Kind, kind, err)
			}
			const mark = "*** 重印 / REPRINT ***\n"
			outer := ""
			if kind != record.Live {
				outer, _, _ = strings.Cut(before, "\n")
				outer += "\n"
			}
			inner := strings.TrimSuffix(strings.TrimPrefix(before, outer), outer+"[cut]\n")
			if want := outer + mark + inner + mark + outer + "[cut]\n"; again.Plain() != want {
				t.Errorf("%s of a %s:\n%swant\n%s", p.Kind, kind, again.Plain(), want)
			}
			if p.Plain() != before {
				t.Errorf("%s of a %s: the page itself was changed", p.Kind, kind)
			}
		}
	}
}

// TestReprintRefuses: whatever could tell two slips or two receipts apart is
// never printed.
func TestReprintRefuses(t *testing.T) {
	e, s := election(record.Live)
	made, err := Slip(e.Manifest, s, []int{1, 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Page{made, Receipt(e, s, hash(2)), Void(e.Manifest), {}} {
		if got, err := Reprint(e.Manifest, p); err == nil || !strings.HasSuffix(err.Error(), "is not printed again") || got.Blocks != nil {
			t.Errorf("%s: %v, error %v", p.Kind, got, err)
		}
	}
	rehearsal, _ := election(record.Rehearsal)
	for _, p := range []Page{{Kind: KindChallenge}, {Kind: KindZeroTape, Blocks: []Block{{Kind: Cut}}}} {
		if _, err := Reprint(rehearsal.Manifest, p); err == nil {
			t.Errorf("%v: printed again", p)
		}
	}
}

// TestClosingTape: what a watcher compares at home stands on it.
func TestClosingTape(t *testing.T) {
	e, s := election(record.Live)
	good := record.Counts{Registered: 420, Attendances: 350, Sessions: 353, Cast: 350, Challenged: 2, Abandoned: 3, SlipsPrinted: 354, SlipsVoided: 4}
	plain := ClosingTape(e, s, good, hash(4), []byte(checkpoint)).Plain()
	for _, want := range []string{"350 = 350 ≤ 420", "353 = 350 + 3", "354 = 350 + 4", "2 ≤ 4 ≤ 2 + 3", "The counts reconcile", s.ID,
		groups(e.ID.String()), groups(hash(4).String()), "4744 4735 5358", "選務人員簽名 Poll worker's signature 3"} {
		if !strings.Contains(plain, want) {
			t.Errorf("the closing tape does not say %q:\n%s", want, plain)
		}
	}
	bad := good
	bad.Attendances++
	if plain := ClosingTape(e, s, bad, hash(4), []byte(checkpoint)).Plain(); !strings.Contains(plain, "THE COUNTS DO NOT RECONCILE") {
		t.Errorf("a closing tape hides that its counts do not reconcile:\n%s", plain)
	}
	for _, c := range []string{"", "a\nb\n", "a\n1\nnot base64\n\n", "a\n1\nAAAA\n\n"} {
		if root := rootOf([]byte(c)); root != "" {
			t.Errorf("checkpoint %q has the root %s", c, root)
		}
	}
}

// TestWords: every phrase is there in every language, and languages without
// words get English, once.
func TestWords(t *testing.T) {
	for language, table := range words {
		for phrase := range words["en"] {
			if table[phrase] == "" {
				t.Errorf("%s: no words for %q", language, phrase)
			}
		}
		if len(table) != len(words["en"]) {
			t.Errorf("%s: %d phrases instead of %d", language, len(table), len(words["en"]))
		}
	}
	e, _ := election(record.Live)
	for _, languages := range [][]string{{"de"}, {"de", "en"}, {"en", "fr"}} {
		e.Manifest.Languages = languages
		if got := say(e.Manifest, "void"); got != "VOID" {
			t.Errorf("%v: %q", languages, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Parse(b)
		if err != nil {
			return
		}
		again, err := p.Encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("two encodings of one page:\n%q\n%q", b, again)
		}
	})
}
