package kioskui

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

var displays = []fyne.Size{{Width: 1024, Height: 768}, {Width: 1920, Height: 1080}}

// A bench is a View on a canvas in memory, with a clock of its own.
type bench struct {
	t       testing.TB
	view    *View
	canvas  test.WindowlessCanvas
	pressed []string
	said    []string
	now     time.Time
}

func (b *bench) Say(text, language string, _ screen.Voice) {
	b.said = append(b.said, language+": "+text)
}
func (b *bench) Hush() { b.said = append(b.said, "hush") }

func newBench(t testing.TB, size fyne.Size) *bench {
	test.NewTempApp(t)
	b := &bench{t: t, canvas: software.NewCanvas(), now: time.Unix(1e9, 0)}
	b.view = New(Options{Press: func(n string) { b.pressed = append(b.pressed, n) }, Speaker: b, Now: func() time.Time { return b.now }})
	b.canvas.SetPadded(false)
	b.view.Attach(b.canvas)
	b.canvas.Resize(size)
	return b
}

func (b *bench) show(s screen.Screen) {
	b.view.Show(s)
	b.now = b.now.Add(time.Second)
}

// took returns what was pressed since the last time.
func (b *bench) took() string {
	all := strings.Join(b.pressed, " ")
	b.pressed = nil
	return all
}

func (b *bench) middle(press string) fyne.Position {
	b.t.Helper()
	at, size, there := b.view.Place(press)
	if !there {
		b.t.Fatalf("%q is not on the screen", press)
	}
	return at.AddXY(size.Width/2, size.Height/2)
}

func (b *bench) down(p fyne.Position) { b.view.root.MouseDown(mouse(p)) }
func (b *bench) up(p fyne.Position)   { b.view.root.MouseUp(mouse(p)) }
func (b *bench) drag(p fyne.Position) {
	e := &fyne.DragEvent{}
	e.Position = p
	b.view.root.Dragged(e)
}

func mouse(p fyne.Position) *desktop.MouseEvent {
	e := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	e.Position = p
	return e
}

func (b *bench) tap(press string) {
	b.t.Helper()
	p := b.middle(press)
	b.down(p)
	b.up(p)
	b.now = b.now.Add(time.Second)
}

// key types a key as a keyboard does.
func (b *bench) key(names ...fyne.KeyName) {
	for _, n := range names {
		b.view.root.KeyDown(&fyne.KeyEvent{Name: n})
		b.view.root.KeyUp(&fyne.KeyEvent{Name: n})
		b.now = b.now.Add(time.Second)
	}
}

func (b *bench) types(text string) {
	for _, r := range text {
		b.view.root.KeyDown(&fyne.KeyEvent{Name: fyne.KeyName(strings.ToUpper(string(r)))})
		b.view.root.TypedRune(r)
		b.now = b.now.Add(time.Second)
	}
}

// question is a long one, with everything on it.
func question() screen.Screen {
	long := strings.Repeat("本公民投票案主張，自民國一百一十六年起，各級學校應提供免費之營養午餐；經費由中央政府編列預算支應，不得排擠地方教育經費。", 6)
	return screen.Screen{
		ID: "answer", Language: "zh-Hant", Banner: "演練：這不是真正的投票", Place: "臺北市大安區第 0412 投票所", Step: "第 2 題，共 4 題",
		Title: "你是否同意，自民國一百一十六年起，各級學校應提供免費之營養午餐？",
		Parts: []screen.Part{
			screen.Text{Words: "領銜人：台灣營養午餐聯盟", Weight: screen.Small}, screen.Text{Words: long},
			screen.Options{Items: []screen.Option{
				{Press: "a", Label: "同意", Key: '1', Marked: true}, {Press: "b", Label: "不同意", Key: '2'}, {Press: "c", Label: "空白票", Note: "不選任何一項，投出空白票", Key: '3'},
			}},
		},
		Buttons: []screen.Button{{Press: "next", Label: "下一題", Role: screen.Next}, {Press: "back", Label: "上一步", Role: screen.Back}},
		Tools:   tools(),
		Cues:    screen.Cues{Marked: "已選", Button: "按鈕", Up: "往上", Down: "往下", Filled: "已輸入 4 個字"},
	}
}

func tools() []screen.Button {
	return []screen.Button{{Press: "help", Label: "呼叫工作人員"}, {Press: "size", Label: "文字大小"}, {Press: "contrast", Label: "對比"}, {Press: "voice", Label: "朗讀"}, {Press: "language", Label: "語言"}}
}

func samples() []screen.Screen {
	short := question()
	short.ID, short.Parts, short.Banner = "short", []screen.Part{screen.Text{Words: "How do you vote on paper 17?", Weight: screen.Lead}, screen.Options{Items: []screen.Option{
		{Press: "a", Label: "Agree", Key: '1'}, {Press: "b", Label: "Disagree", Key: '2', Marked: true}, {Press: "c", Label: "Leave it blank", Key: '3'}}}}, ""
	short.Title, short.Step = "Shall every school provide free lunches from 2027 on?", "Question 2 of 4"
	pin := screen.Screen{ID: "pin", Language: "en", Place: "Da'an 0412", Title: "Enter the PIN of your card", Mood: screen.Warning,
		Parts:   []screen.Part{screen.Text{Words: "The PIN was wrong. You can try 2 more times.", Weight: screen.Lead}, screen.Entry{Kind: screen.Digits, Label: "PIN", Filled: 4}},
		Buttons: []screen.Button{{Press: "enter", Label: "Use this PIN", Role: screen.Next}, {Press: "back", Label: "Stop", Role: screen.Back}}, Tools: tools()}
	pass := screen.Screen{ID: "pass", Party: screen.Workers, Language: "en", Place: "Da'an 0412", Title: "Type the passphrase",
		Parts:   []screen.Part{screen.Entry{Kind: screen.Letters, Label: "Passphrase of the station's key", Filled: 9}},
		Buttons: []screen.Button{{Press: "enter", Label: "Unlock station", Role: screen.Next, Off: true}, {Press: "back", Label: "Go back", Role: screen.Back}}}
	report := screen.Screen{ID: "report", Party: screen.Workers, Language: "en", Place: "Da'an 0412", Title: "The machine is not ready", Mood: screen.Stopped, Banner: "REHEARSAL: this is not a real vote",
		Parts: []screen.Part{screen.Report{Lines: []screen.Finding{{OK: true, Name: "Card reader", What: "Kiosk eID Reader"}, {Name: "Slip printer", What: "out of paper", Do: "Put a new roll in, then look again."}, {OK: true, Name: "Clock"}}},
			screen.Facts{Rows: []screen.Fact{{Name: "Registered voters", Value: "1,204"}, {Name: "Ballots cast", Value: "0"}, {Name: "免費營養午餐", Value: "同意", Press: "c1", Change: "Change answer"}}}},
		Buttons: []screen.Button{{Press: "again", Label: "Look again", Role: screen.Next}, {Press: "clear", Label: "Void session", Role: screen.Grave}, {Press: "x", Label: "Show counts"}, {Press: "back", Label: "Back", Role: screen.Back}}}
	done := screen.Screen{ID: "done", Language: "zh-Hant", Mood: screen.Done, Place: "臺北市大安區第 0412 投票所", Title: "你的票已投出", Parts: []screen.Part{screen.Text{Words: "請取出你的卡片和收據。", Weight: screen.Lead}}, Tools: tools()}
	begin := screen.Screen{ID: "begin", Language: "zh-Hant", Place: "臺北市大安區第 0412 投票所", Title: "全國性公民投票", Parts: []screen.Part{screen.Text{Words: "請觸碰螢幕開始", Weight: screen.Lead}, screen.Text{Words: "Touch the screen to begin", Weight: screen.Lead}},
		Buttons: []screen.Button{{Press: "begin", Label: "開始投票", Role: screen.Next}}, Tools: tools()}
	return []screen.Screen{question(), short, pin, pass, report, done, begin}
}

// TestPictures writes pictures for people to look at, if PICTURES names a
// folder.
func TestPictures(t *testing.T) {
	folder := os.Getenv("PICTURES")
	if folder == "" {
		t.Skip("PICTURES=folder writes the sample screens there")
	}
	for _, size := range displays {
		b := newBench(t, size)
		for _, s := range samples() {
			for n := range screen.Sizes {
				s.Look.Size, s.Look.Contrast = n, n == 1
				b.show(s)
				if n == 2 {
					b.key(fyne.KeyTab, fyne.KeyTab)
				}
				f, err := os.Create(filepath.Join(folder, strings.Join([]string{string(s.ID), size2(size), string(rune('0' + n))}, "-")+".png"))
				if err != nil {
					t.Fatal(err)
				}
				if err := png.Encode(f, b.canvas.Capture()); err != nil {
					t.Fatal(err)
				}
				f.Close()
			}
		}
	}
}

func size2(s fyne.Size) string {
	if s.Width < 1500 {
		return "small"
	}
	return "large"
}

func TestSamplesHaveNoProblems(t *testing.T) {
	c := NewChecker()
	for _, size := range displays {
		for _, s := range samples() {
			for n := range screen.Sizes {
				for _, high := range []bool{false, true} {
					s.Look.Size, s.Look.Contrast = n, high
					for _, p := range c.Problems(s, size) {
						t.Errorf("%s at %v, size %d, high %v: %s", s.ID, size, n, high, p)
					}
				}
			}
		}
	}
}
