// Package deskui shows a desk's devices with Fyne: cards, papers, plugs and
// doors to click. It does not import fyne.io/fyne/v2/app, so that it can be
// tested without a display; cmd/desk puts it into a window.
package deskui

import (
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/openreferendum/referendum/simulation/desk"
)

// A Panel is the contents of the devices' window. Its methods are called on
// Fyne's goroutine.
type Panel struct {
	desk *desk.Desk
	win  fyne.Window

	shown   desk.View
	content fyne.CanvasObject

	reader   *widget.Label
	out      *widget.Button
	cards    []*widget.Button
	checks   []*widget.Check
	media    [2]*widget.Check
	lamps    [3]*canvas.Circle
	state    *widget.Label
	said     *widget.Label
	restart  *widget.Button
	window   *canvas.Image
	receipt  *canvas.Image
	box      *widget.Button
	spoiled  *widget.Button
	receipts *widget.Button
	quiet    bool // checks are set by Show, not by a person
}

// New makes the panel of a desk for a window.
func New(d *desk.Desk, w fyne.Window) *Panel {
	p := &Panel{desk: d, win: w, shown: d.View()}
	p.content = container.NewBorder(p.top(), nil, p.left(), p.right(), p.middle())
	p.Show(p.shown)
	return p
}

// Content is what the window shows.
func (p *Panel) Content() fyne.CanvasObject { return p.content }

// do does something that takes a while without holding the window up.
func (p *Panel) do(act func() error) {
	go func() {
		if err := act(); err != nil {
			fyne.Do(func() { dialog.ShowError(err, p.win) })
		}
	}()
}

func heading(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Importance = widget.HighImportance
	return l
}

// top says what all this is, and shows the light tower.
func (p *Panel) top() fyne.CanvasObject {
	row := container.NewHBox(heading("燈號 Light"))
	for i := range p.lamps {
		p.lamps[i] = canvas.NewCircle(color.Gray{0xB0})
		row.Add(container.NewGridWrap(fyne.NewSize(24, 24), p.lamps[i]))
	}
	p.state = widget.NewLabel("")
	p.restart = widget.NewButton("再啟動 Start again", func() { p.do(p.desk.Start) })
	row.Add(p.state)
	row.Add(p.restart)
	p.said = widget.NewLabel("")
	p.said.Wrapping = fyne.TextWrapWord
	p.said.Hide()
	words := widget.NewLabel("模擬設備，僅供試用。 Emulated devices, to try the kiosk. 密碼 Every PIN: " + desk.PIN)
	return container.NewVBox(words, row, p.said, widget.NewSeparator())
}

// left is the cards.
func (p *Panel) left() fyne.CanvasObject {
	p.reader = widget.NewLabel("")
	p.out = widget.NewButton("取出卡片 Take the card out", func() { p.do(p.desk.Remove) })
	list := container.NewVBox()
	p.cards = make([]*widget.Button, len(p.shown.Cards))
	for _, kind := range kinds {
		list.Add(heading(kind.name))
		for i, c := range p.shown.Cards {
			if c.Kind != kind.kind {
				continue
			}
			p.cards[i] = widget.NewButton(c.Name, func() { p.do(func() error { return p.desk.Insert(i) }) })
			p.cards[i].Alignment = widget.ButtonAlignLeading
			list.Add(p.cards[i])
		}
	}
	scroll := container.NewVScroll(list)
	scroll.SetMinSize(fyne.NewSize(230, 400))
	return container.NewBorder(container.NewVBox(heading("讀卡機：點卡片插入 Reader: click a card"), p.reader, p.out), nil, nil, nil, scroll)
}

// kinds are in the order in which they are needed.
var kinds = []struct {
	kind desk.Kind
	name string
}{{desk.Official, "選務人員 Poll workers"}, {desk.Voter, "選舉人 Voters"}, {desk.Special, "不能用的卡 Cards that are refused"}}

// middle is the papers.
func (p *Panel) middle() fyne.CanvasObject {
	paper := func() *canvas.Image {
		m := canvas.NewImageFromImage(nil)
		m.FillMode = canvas.ImageFillContain
		m.ScaleMode = canvas.ImageScaleSmooth
		return m
	}
	p.window, p.receipt = paper(), paper()
	p.box = widget.NewButton("", func() { p.leaf("票箱 The box", p.shown.Box) })
	p.spoiled = widget.NewButton("", func() { p.leaf("作廢票 The spoiled bin", p.shown.Spoiled) })
	p.receipts = widget.NewButton("", func() { p.leaf("收據印表機 Papers in front", p.shown.Front) })
	enlarge := widget.NewButton("放大 Enlarge", func() { p.leaf("窗後的票 Behind the window", some(p.shown.Window)) })
	behind := container.NewBorder(container.NewVBox(heading("窗後 Behind the window"), enlarge), container.NewVBox(p.box, p.spoiled), nil, nil, onDesk(p.window))
	front := container.NewBorder(container.NewVBox(heading("前方 In front: the last paper"), p.receipts), nil, nil, nil, onDesk(p.receipt))
	return container.NewGridWithColumns(2, behind, front)
}

// onDesk puts paper on a dark desk.
func onDesk(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(canvas.NewRectangle(color.Gray{0xC8}), container.New(layout.NewCustomPaddedLayout(8, 8, 8, 8), o))
}

func some(m image.Image) []image.Image {
	if m == nil {
		return nil
	}
	return []image.Image{m}
}

// leaf shows papers one by one, the last first.
func (p *Panel) leaf(title string, papers []image.Image) {
	if len(papers) == 0 {
		return
	}
	n := len(papers) - 1
	picture := canvas.NewImageFromImage(papers[n])
	picture.FillMode = canvas.ImageFillContain
	scroll := container.NewVScroll(picture)
	count := widget.NewLabel("")
	show := func(i int) {
		n = min(max(i, 0), len(papers)-1)
		picture.Image = papers[n]
		size := papers[n].Bounds().Size()
		picture.SetMinSize(fyne.NewSize(440, 440*float32(size.Y)/float32(size.X)))
		picture.Refresh()
		scroll.ScrollToTop()
		count.SetText(fmt.Sprintf("%d / %d", n+1, len(papers)))
	}
	show(n)
	turn := container.NewHBox(
		widget.NewButton("◀", func() { show(n - 1) }), count, widget.NewButton("▶", func() { show(n + 1) }),
	)
	d := dialog.NewCustom(title, "關閉 Close", container.NewBorder(turn, nil, nil, nil, scroll), p.win)
	d.Resize(fyne.NewSize(560, 860))
	d.Show()
}

// right is what can go wrong.
func (p *Panel) right() fyne.CanvasObject {
	list := container.NewVBox()
	part := ""
	for i, f := range p.shown.Faults {
		if f.Part != part {
			part = f.Part
			list.Add(heading(part))
		}
		c := widget.NewCheck(f.Name, func(on bool) {
			if !p.quiet {
				p.do(func() error { return p.desk.Break(i, on) })
			}
		})
		p.checks = append(p.checks, c)
		list.Add(c)
	}
	media := container.NewVBox(heading("隨身碟 Removable media"))
	for n := range p.media {
		p.media[n] = widget.NewCheck("", func(in bool) {
			if !p.quiet {
				p.do(func() error { return p.desk.Plug(n+1, in) })
			}
		})
		media.Add(p.media[n])
	}
	buttons := container.NewVBox(
		widget.NewSeparator(), media,
		widget.NewButton("按鈴叫選務人員 Press the call button", p.desk.Call),
		widget.NewButton("全部修好 Repair all", func() { p.do(p.desk.Repair) }),
		widget.NewButton("斷電再開 Power cut and back", func() { p.do(p.desk.CutPower) }),
	)
	scroll := container.NewVScroll(list)
	scroll.SetMinSize(fyne.NewSize(250, 400))
	return container.NewBorder(nil, buttons, nil, nil, scroll)
}

var lamps = [3]color.Color{color.NRGBA{0x20, 0xC0, 0x40, 0xFF}, color.NRGBA{0xF0, 0xC0, 0x20, 0xFF}, color.NRGBA{0xE0, 0x30, 0x30, 0xFF}}

// Show shows what is on the desk now. What has not changed is not drawn again.
func (p *Panel) Show(v desk.View) {
	p.quiet = true
	defer func() { p.quiet = false }()
	for i, lit := range []bool{v.Green, v.Yellow, v.Red} {
		colour := color.Color(color.Gray{0xB0})
		if lit {
			colour = lamps[i]
		}
		if p.lamps[i].FillColor != colour {
			p.lamps[i].FillColor = colour
			p.lamps[i].Refresh()
		}
	}
	p.showCards(v)
	for i, c := range p.checks {
		c.SetChecked(v.Wrong[i])
	}
	for n, m := range v.Media {
		text := fmt.Sprintf("第%d支 Medium %d plugged in", n+1, n+1)
		if m.Full {
			text = fmt.Sprintf("第%d支 Medium %d 已匯出 exported", n+1, n+1)
		}
		if p.media[n].Text != text {
			p.media[n].SetText(text)
		}
		p.media[n].SetChecked(m.Plugged)
	}
	p.showPapers(v)
	p.showProgram(v)
	p.shown = v
}

func (p *Panel) showCards(v desk.View) {
	reader := "空 Empty"
	if v.In >= 0 {
		reader = "插著 In: " + v.Cards[v.In].Name
	}
	set(p.reader, reader)
	if v.In >= 0 {
		p.out.Enable()
	} else {
		p.out.Disable()
	}
	for i, c := range v.Cards {
		label(p.cards[i], c.Name+"　"+note(c, i == v.In))
	}
}

// showPapers shows pictures that are others than before.
func (p *Panel) showPapers(v desk.View) {
	if !same(p.window.Image, v.Window) {
		p.window.Image = v.Window
		p.window.Refresh()
	}
	var last image.Image
	if n := len(v.Front); n > 0 {
		last = v.Front[n-1]
	}
	if p.receipt.Image != last {
		p.receipt.Image = last
		p.receipt.Refresh()
	}
	label(p.box, fmt.Sprintf("票箱 In the box: %d", len(v.Box)))
	label(p.spoiled, fmt.Sprintf("作廢票 Spoiled: %d", len(v.Spoiled)))
	label(p.receipts, fmt.Sprintf("看全部 Look at all: %d", len(v.Front)))
}

// same reports whether two pictures of paper are equal.
func same(a, b image.Image) bool {
	x, okX := a.(*image.Paletted)
	y, okY := b.(*image.Paletted)
	return okX && okY && x.Rect == y.Rect && slices.Equal(x.Pix, y.Pix) || a == nil && b == nil
}

func (p *Panel) showProgram(v desk.View) {
	if v.Running {
		set(p.state, "投票機執行中 The kiosk runs")
		p.restart.Hide()
		p.said.Hide()
		return
	}
	set(p.state, fmt.Sprintf("投票機已停止 The kiosk has ended (status %d)", v.Status))
	set(p.said, last(v.Said))
	p.restart.Show()
	if v.Said != "" {
		p.said.Show()
	}
}

// shownLines is how much of what the kiosk printed is shown.
const shownLines = 6

func last(said string) string {
	lines := strings.Split(said, "\n")
	return strings.Join(lines[max(0, len(lines)-shownLines):], "\n")
}

func set(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
}

func label(b *widget.Button, text string) {
	if b.Text != text {
		b.SetText(text)
	}
}

// note says what has become of a card.
func note(c desk.Card, in bool) string {
	switch {
	case in:
		return "插著 in the reader"
	case c.Tries == 0:
		return "鎖卡 blocked"
	case c.Voted:
		return "已投 has voted"
	}
	return c.Note
}
