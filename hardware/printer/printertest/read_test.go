package printertest

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"

	qrcode "github.com/skip2/go-qrcode"
)

// page is a page of the station, as it goes to the printer.
func page(t testing.TB, name string) image.Image {
	t.Helper()
	f, err := os.Open("../../../station/slip/raster/testdata/" + name + ".png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func blank(w, h int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	draw.Draw(g, g.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	return g
}

func withCodes(t testing.TB, contents ...string) image.Image {
	t.Helper()
	m := blank(576, 20)
	for _, c := range contents {
		q, err := qrcode.New(c, qrcode.Medium)
		if err != nil {
			t.Fatal(err)
		}
		code := q.Image(-4)
		taller := blank(576, m.Rect.Dy()+code.Bounds().Dy()+20)
		draw.Draw(taller, m.Rect, m, image.Point{}, draw.Src)
		draw.Draw(taller, code.Bounds().Add(image.Pt(100, m.Rect.Dy())), code, image.Point{}, draw.Src)
		m = taller
	}
	return m
}

func TestReadRefuses(t *testing.T) {
	for name, m := range map[string]image.Image{
		"nothing":   image.NewGray(image.Rect(0, 0, 0, 100)),
		"too large": image.NewUniform(color.White),
	} {
		if _, err := ReadCodes(m); err == nil || !strings.HasPrefix(err.Error(), "reading codes: a picture of ") {
			t.Errorf("codes of %s: error %v", name, err)
		}
		if _, err := ReadWords(m, "eng"); err == nil || !strings.HasPrefix(err.Error(), "reading words: a picture of ") {
			t.Errorf("words of %s: error %v", name, err)
		}
	}
	_, err := ReadWords(blank(100, 100), "xxx_yyy")
	if err == nil || !strings.Contains(err.Error(), "(Debian packages tesseract-ocr and tesseract-ocr-xxx-yyy)") {
		t.Errorf("a language that is not installed: error %v", err)
	}
	if _, err := run(nil, "some-package", "no-such-program"); err == nil || !strings.Contains(err.Error(), "(Debian package some-package)") {
		t.Errorf("a program that is not installed: error %v", err)
	}
}

func TestParseTesseract(t *testing.T) {
	if _, err := parseLines("head\n5\t1\tx\t0\t0\t0\t0\t0\t0\t0\t0\tw\n"); err == nil {
		t.Error("a table with a letter for a number")
	}
	lines, err := parseLines("head\n5\t0\t0\t0\t0\t0\t0\t0\t0\t0\t9\tno line\n4\t0\t0\t0\t0\t0\t0\t0\t0\t0\t-1\t\n\nshort\trow\n")
	if err != nil || len(lines) != 0 {
		t.Errorf("%v, %v", lines, err)
	}
}

func TestParseZbar(t *testing.T) {
	for name, out := range map[string]string{
		"not XML":    "<barcodes",
		"not base64": `<barcodes><source><index><symbol><data format='base64'>*</data></symbol></index></source></barcodes>`,
	} {
		if _, _, err := parseCodes([]byte(out)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, raw := range []string{"", "ab", "ab\n", "abc\nd", "abcd\n"} {
		if got, err := splitCodes([]string{"abc", "d"}, []byte(raw)); err == nil {
			t.Errorf("%q: %q, no error", raw, got)
		}
	}
}

func TestReadCodes(t *testing.T) {
	for name, c := range map[string]struct {
		paper image.Image
		want  []string
	}{
		"white paper":           {blank(576, 100), nil},
		"a page without a code": {page(t, "slip"), nil},
		"receipt": {page(t, "receipt"), []string{"referendum-v1:receipt:4bf5122f344554c5:1PY1-PK4G-1ZZ4-HNBN-PQD5-" +
			"RRW0-8095-YSEV-1ZHY-4H4M-PXQA-K1J5-FPC6-~"}},
		"line feeds and no ASCII": {page(t, "closing-tape"), []string{"referendum/09007-010-0001-0001\n350\n" +
			"R0RHNVNYZ1BBZ1VYU0pXVkFtYjNnQ29BSkdsb3RkWG0=\n\n— 09007-010-0001-0001 " +
			"Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"}},
		"markup":         {withCodes(t, "<a href='x'>&amp; ]]> b"), []string{"<a href='x'>&amp; ]]> b"}},
		"several, mixed": {withCodes(t, "one\ntwo", "你的選擇：不同意\n—", "three"), []string{"one\ntwo", "你的選擇：不同意\n—", "three"}},
	} {
		got, err := ReadCodes(c.paper)
		slices.Sort(got)
		slices.Sort(c.want)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestNormalise(t *testing.T) {
	for in, want := range map[string]string{
		"":                   "",
		" \n\t\n":            "",
		"１７ 案 ：ＡＢ　ｃ":         "17案:AB c",
		"你的 選 擇 ： 不同意\n\n x": "你的選擇:不同意\nx",
		"a  b\r\nc":          "a b\nc",
		"登記選舉人      420":     "登記選舉人420",
		"350 = 350":          "350 = 350",
		"「不同意」， 好。 x":        "「不同意」,好。x",
	} {
		if got := Normalise(in); got != want {
			t.Errorf("%q: %q instead of %q", in, got, want)
		}
		if got := Normalise(Normalise(in)); got != Normalise(in) {
			t.Errorf("%q: %q the second time", in, got)
		}
	}
}

// pages and lines of them that must be read. What is left out is read wrongly, and
// known to be: 及 (in 內臟及其) and ≤ as several characters, and one or the other
// letter of long codes.
var readable = map[string]string{
	"slip": `全國性公民投票
		National referendum
		投票單
		Slip
		投票所 連江縣南竿鄉介壽村第1投票所
		Station Nangan, Jieshou, station 1
		1. 第17案：您是否同意核四啟封商轉發電？
		Case 17: Do you agree that the Fourth Nuclear
		Power Plant be unsealed and put into
		commercial operation?
		不同意
		Disagree
		2. 第18案：你是否同意政府應全面禁止進口含有萊
		產製品？
		Case 18: Do you agree that the import of pork
		containing ractopamine be fully banned?
		未領取
		paper not taken
		請核對內容。此單將落入票匭，不得攜出。
		Please check the choices. This slip drops into the
		box and is not taken away.`,
	"closing-tape": `全國性公民投票
		結束紙帶（投票截止）
		Closing tape (polls closed)
		登記選舉人 420
		已投票人數 350
		操作次數 353
		投入選票 350
		測試選票 2
		放棄次數 3
		列印投票單 354
		作廢投票單 4
		核對：相符
		The counts reconcile
		Voters marked = Ballots cast
		投票所編號 09007-010-0001-0001
		d160 0ad6 31c3 85a5 d7cc e23c 7785 459a
		4744 4735 5358 6750 4167 5558 534a 5756
		監票員可攜走一份紙帶，日後與公告之紀錄比對。
		Watchers may take a copy of this tape and
		compare it with the published record.`,
	"void": `作廢
		此投票單作廢，不計票。
		This slip is void and is not counted.`,
}

func TestReadWords(t *testing.T) {
	for name, lines := range readable {
		words, err := ReadWords(page(t, name), "chi_tra+eng")
		if err != nil {
			t.Fatal(err)
		}
		read := strings.Split(Fold(words), "\n")
		at := 0
		for want := range strings.SplitSeq(Fold(Normalise(lines)), "\n") {
			i := slices.Index(read[at:], want)
			if i < 0 {
				t.Errorf("%s: %q is not read, or not in its place, in:\n%s", name, want, words)
				continue
			}
			at += i + 1
		}
	}
	if words, err := ReadWords(blank(576, 200), "chi_tra+eng"); err != nil || words != "" {
		t.Errorf("white paper: %q, %v", words, err)
	}
}

func BenchmarkReadSlip(b *testing.B) {
	m := page(b, "slip")
	for b.Loop() {
		if _, err := ReadWords(m, "chi_tra+eng"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadReceiptCode(b *testing.B) {
	m := page(b, "receipt")
	for b.Loop() {
		if _, err := ReadCodes(m); err != nil {
			b.Fatal(err)
		}
	}
}
