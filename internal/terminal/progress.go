package terminal

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/cheggaaa/pb/v3"
	"golang.org/x/term"
)

// A Progress shows how far a long piece of work is. On a terminal it is a bar
// with an estimate of the time left; elsewhere it is a line at about every
// tenth of the work. Its methods may be called from many goroutines.
type Progress struct {
	mu    sync.Mutex
	w     io.Writer
	label string
	bar   *pb.ProgressBar // nil where there is no terminal
	now   func() time.Time
	begun time.Time
	tenth int64 // of the last line written
	last  int64 // total of the last report
}

const barTemplate = `{{string . "label"}} {{bar . "[" "=" ">" " " "]"}} {{percent . "%.0f%%"}} {{rtime . "%s left" "%s" ""}}`

// NewProgress returns a Progress that writes to w, which is standard error in
// programs: standard output is for results.
func NewProgress(w io.Writer, label string) *Progress {
	p := &Progress{w: w, label: label, now: time.Now}
	p.begun = p.now()
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = pb.ProgressBarTemplate(barTemplate).New(0).SetWriter(w).Set("label", label).Set(pb.Color, false)
	}
	return p
}

// Report says that done of total is done. It is cheap and may be called often;
// packages that work long take it as a func(done, total int64).
func (p *Progress) Report(done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.SetTotal(total).SetCurrent(done)
		if !p.bar.IsStarted() {
			p.bar.Start()
		}
		return
	}
	if total <= 0 || done <= 0 {
		return
	}
	if total != p.last {
		p.last, p.tenth = total, 0
	}
	done = min(done, total)
	tenth := int64(float64(done) / float64(total) * 10)
	if tenth <= p.tenth {
		return
	}
	p.tenth = tenth
	fmt.Fprintf(p.w, "%s: %d%% (%d of %d)%s\n", p.label, tenth*10, done, total, p.left(done, total))
}

// Finish ends the bar. It must be called once, also after an error.
func (p *Progress) Finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil && p.bar.IsStarted() {
		p.bar.Finish()
	}
}

// left estimates the time left from the time used, in steps a person can use.
func (p *Progress) left(done, total int64) string {
	if done == total {
		return ""
	}
	used := p.now().Sub(p.begun)
	left := time.Duration(float64(used) / float64(done) * float64(total-done))
	switch {
	case left < time.Second:
		return ""
	case left < time.Minute:
		left = left.Round(time.Second)
	default:
		left = left.Round(time.Minute)
	}
	return ", about " + brief(left) + " left"
}

func brief(d time.Duration) string {
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0:
		return fmt.Sprintf("%d h %d min", h, m)
	case m > 0:
		return fmt.Sprintf("%d min", m)
	}
	return fmt.Sprintf("%d s", s)
}
