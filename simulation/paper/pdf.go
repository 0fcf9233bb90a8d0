package paper

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/slip/raster"
)

// Measures in millimetres.
const (
	dot     = 25.4 / 203 // of the printer
	printed = raster.Width * dot
	paper   = 80.0 // width of the roll
	border  = (paper - printed) / 2

	sheetWidth, sheetHeight = 210.0, 297.0 // A4
	sheetMargin             = 10.0
	columns                 = 4
	between                 = 4.0
)

func newPDF(made time.Time) *fpdf.Fpdf {
	f := fpdf.New("P", "mm", "A4", "")
	f.SetCreationDate(made.UTC())
	f.SetModificationDate(made.UTC())
	f.SetCatalogSort(true) // the same papers, the same bytes
	f.SetProducer("referendum", false)
	f.SetAutoPageBreak(false, 0)
	f.SetMargins(0, 0, 0)
	return f
}

func finish(f *fpdf.Fpdf) ([]byte, error) {
	var b bytes.Buffer
	if err := f.Output(&b); err != nil {
		return nil, fmt.Errorf("writing PDF: %w", err)
	}
	return b.Bytes(), nil
}

// An album is a PDF file and the pictures of pages in it.
//
// The library writes pictures sorted by their width in dots, and those of equal
// width in random order. So every picture gets a width of its own, by white
// columns at its right: the same papers give the same file.
type album struct {
	*fpdf.Fpdf
	renderer *raster.Renderer
	png      *pngWriter
	pictures map[string]picture // by the page's dots
}

// A picture is a page of ours inside a PDF file.
type picture struct {
	name   string
	width  int // dots, with the white columns
	height int
}

func newAlbum(r *raster.Renderer, made time.Time) *album {
	return &album{newPDF(made), r, newPNGWriter(), map[string]picture{}}
}

var pngOptions = fpdf.ImageOptions{ImageType: "PNG"}

// add puts a page's picture into the file, once for equal pages.
func (a *album) add(p slip.Page) (picture, error) {
	b, err := a.renderer.Draw(p)
	if err != nil {
		return picture{}, err
	}
	if pic, ok := a.pictures[string(b.Pix)]; ok {
		return pic, nil
	}
	extra := len(a.pictures)
	png, err := a.png.encode(b, extra)
	if err != nil {
		return picture{}, err
	}
	pic := picture{fmt.Sprint(extra), raster.Width + extra, b.Height}
	a.pictures[string(b.Pix)] = pic
	a.RegisterImageOptionsReader(pic.name, pngOptions, bytes.NewReader(png))
	return pic, a.Error()
}

// draw draws a picture at x, y, with dots of the given size in millimetres.
func (a *album) draw(p picture, x, y, dot float64) {
	a.ImageOptions(p.name, x, y, float64(p.width)*dot, float64(p.height)*dot, false, pngOptions, 0, "")
}

// Pages returns a PDF file with one page for each paper, in the paper's size.
func Pages(r *raster.Renderer, pages []slip.Page, made time.Time) ([]byte, error) {
	a := newAlbum(r, made)
	for _, p := range pages {
		pic, err := a.add(p)
		if err != nil {
			return nil, err
		}
		height := float64(pic.height) * dot
		a.AddPageFormat("P", fpdf.SizeType{Wd: paper, Ht: height + 2*border})
		a.draw(pic, border, border, dot)
	}
	return finish(a.Fpdf)
}

// Sheets returns a PDF file with all slips on A4 sheets, smaller than they are:
// first the recount of every question, then, on new sheets, every slip of the box
// as often as it was cast, those with equal choices beside each other.
func Sheets(r *raster.Renderer, title string, slips []Slip, made time.Time) ([]byte, error) {
	a := newAlbum(r, made)
	total := 0
	for _, s := range slips {
		total += s.Count
	}
	l := &layout{f: a, head: fmt.Sprintf("%s - recount of %d slips", title, total)}
	for _, t := range Recount(slips) {
		pic, err := a.add(t.page())
		if err != nil {
			return nil, err
		}
		l.place(pic)
	}
	l.turn(fmt.Sprintf("%s - %d slips, %d different", title, total, len(slips)))
	for _, s := range slips {
		pic, err := a.add(s.Page)
		if err != nil {
			return nil, err
		}
		for range s.Count {
			l.place(pic)
		}
	}
	return finish(a.Fpdf)
}

// A layout fills sheets in rows from left to right.
type layout struct {
	f      *album
	head   string
	column int
	y      float64 // top of the row; 0 before the first sheet
	tall   float64 // tallest slip of the row
}

func (l *layout) place(p picture) {
	const width = (sheetWidth - 2*sheetMargin - (columns-1)*between) / columns
	const most = sheetHeight - 2*sheetMargin - 6
	w, h := width, float64(p.height)*dot*width/printed
	if h > most { // too long for a sheet: smaller still
		w, h = w*most/h, most
	}
	if l.column == columns {
		l.column, l.y, l.tall = 0, l.y+l.tall+between, 0
	}
	if l.y == 0 || l.y+h > sheetHeight-sheetMargin {
		l.newSheet()
	}
	x := sheetMargin + float64(l.column)*(width+between)
	l.f.draw(p, x, l.y, w/raster.Width)
	l.f.Rect(x, l.y, w, h, "D")
	l.column++
	l.tall = max(l.tall, h)
}

// turn begins a new sheet, with another head, with what comes next.
func (l *layout) turn(head string) { l.head, l.column, l.y, l.tall = head, 0, 0, 0 }

func (l *layout) newSheet() {
	l.f.AddPage()
	l.f.SetFont("Helvetica", "", 9)
	l.f.SetXY(sheetMargin, sheetMargin-2)
	l.f.CellFormat(0, 4, fmt.Sprintf("%s - sheet %d", l.head, l.f.PageNo()), "", 0, "L", false, 0, "")
	l.f.SetDrawColor(160, 160, 160)
	l.f.SetLineWidth(0.1)
	l.column, l.y, l.tall = 0, sheetMargin+6, 0
}
