package printer

import "fmt"

// Commands that are sent. Those that begin with DLE are real-time commands: the
// printer obeys them when they come in, whatever lies in its buffer.
var (
	askStatus    = [...]byte{0x10, 0x04, 0x00}                                        // DLE EOT n; n follows
	clearBuffer  = []byte{0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08} // DLE DC4 8
	recoverError = []byte{0x10, 0x05, 0x02}                                           // DLE ENQ 2
	initialise   = []byte{0x1B, '=', 1, 0x1B, '@'}                                    // ESC = 1, ESC @
	noRealTime   = []byte{0x1D, '(', 'D', 5, 0, 20, 1, 0, 2, 0}                       // GS ( D: neither DLE DC4 1 nor 2
	reportFaults = []byte{0x1D, 'a', 0x0E}                                            // GS a: offline, error, paper
	reportNone   = []byte{0x1D, 'a', 0}                                               // GS a
	askSensor    = []byte{0x1D, 'r', 1}                                               // GS r 1
	cutFull      = []byte{0x1D, 'V', 65, 0}                                           // GS V, function B: feeds to the cutter
	cutPartial   = []byte{0x1D, 'V', 66, 0}                                           //
	bandHeader   = 8                                                                  // bytes of GS v 0 before the dots
	maxBand      = 128                                                                // rows of a band
	maxRows      = 256                                                                // rows of a step: 32 mm
	whiteRun     = 4                                                                  // white rows that are worth a band of their own
)

// A step is a number of whole commands that the printer answers together: they are
// followed by one request for an answer in print order.
type step struct {
	data []byte
	rows int
}

// A plan is a page as steps. It grows band by band.
type plan struct {
	steps  []step
	limit  int // bytes of a step
	margin int // GS L, in dots, as the printer will have it
}

// encode plans a page as bands of GS v 0, without its ending. A step has at most
// limit bytes, unless a single row already has more.
//
// The rows of a band are cut off where the longest of them ends, and white rows
// are bands of one white byte: white is most of a page, and 115,200 baud is slow.
func encode(b Bitmap, limit int) (*plan, error) {
	p := &plan{limit: limit}
	for y := 0; y < b.Height; {
		if n := b.white(y); n >= whiteRun || y+n == b.Height {
			p.blank(n)
			y += n
			continue
		}
		n, err := p.inked(b, y)
		if err != nil {
			return nil, err
		}
		y += n
	}
	return p, nil
}

// white counts the white rows from y on.
func (b Bitmap) white(y int) int {
	n := 0
	for y+n < b.Height && len(b.row(y+n)) == 0 {
		n++
	}
	return n
}

// blank adds white rows: exactly so many, whatever the printer's unit of feeding.
func (p *plan) blank(rows int) {
	for rows > 0 {
		n := min(rows, maxBand, p.limit-bandHeader)
		p.band(p.margin, 1, n, make([]byte, n))
		rows -= n
	}
}

// inked adds one band that begins at row y, as long as it may become, and returns
// its rows. It ends where a real-time command would arise, where the step is full,
// and before white rows that are worth a band.
func (p *plan) inked(b Bitmap, y int) (int, error) {
	margin, ok := harmlessMargin(b.row(y), p.margin)
	if !ok {
		return 0, fmt.Errorf("row %d has dots at the left edge, and a real-time command for the printer among them", y)
	}
	var rows [][]byte
	width := 1
	for n := 0; n < maxBand && y+n < b.Height; n++ {
		row, ok := shifted(b.row(y+n), margin)
		if !ok || harmful(row) {
			break
		}
		wide := max(width, len(row))
		if n > 0 && (bandHeader+wide*(n+1) > p.limit || len(row) == 0 && b.white(y+n) >= whiteRun) {
			break
		}
		rows, width = append(rows, row), wide
	}
	data := harmlessRows(rows, width)
	p.band(margin, width, len(data)/width, data)
	return len(data) / width, nil
}

// band adds a band to the last step, or to a new one.
func (p *plan) band(margin, width, rows int, data []byte) {
	var c []byte
	if margin != p.margin {
		c = append(c, 0x1D, 'L', byte(margin), 0)
		p.margin = margin
	}
	c = append(c, 0x1D, 'v', '0', 0, byte(width), byte(width>>8), byte(rows), byte(rows>>8))
	p.add(append(c, data...), rows)
}

func (p *plan) add(commands []byte, rows int) {
	if n := len(p.steps) - 1; n >= 0 && len(p.steps[n].data)+len(commands) <= p.limit && p.steps[n].rows+rows <= maxRows {
		p.steps[n].data = append(p.steps[n].data, commands...)
		p.steps[n].rows += rows
		return
	}
	p.steps = append(p.steps, step{commands, rows})
}

// finish adds what follows the last row.
func (p *plan) finish(end Ending, c Config) {
	if end == Hold {
		p.blank(c.HoldFeed)
		return
	}
	p.blank(c.CutFeed)
	p.cut(c)
}

func (p *plan) cut(c Config) {
	command := cutFull
	if c.PartialCut {
		command = cutPartial
	}
	p.add(command, 0)
}
