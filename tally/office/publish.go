package office

import (
	"crypto"
	"fmt"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
)

// Decide combines the answers and decides, without signing and writing: what
// Publish would publish.
func (o *Office) Decide() (*record.Result, error) {
	a, hash, err := o.request()
	if err != nil {
		return nil, err
	}
	answers, err := o.checkedAnswers(a, hash)
	if err != nil {
		return nil, err
	}
	r, err := tally.Outcome(o.e, a, answers)
	return &r, err
}

// Publish combines the answers, decides, and writes result and inventory: the
// record is complete. Before, it checks the ceremony again, and compares every
// bundle with its signed root and every sum with the request, so that the
// inventory is never signed over a file that was damaged since.
//
// The order matters. The inventory covers the result, so it comes last; a power
// cut between the two leaves a result that Publish, done again, finds and
// compares.
func (o *Office) Publish(authority crypto.Signer) (*record.Result, error) {
	r, err := o.publish(authority)
	if err != nil {
		return nil, fmt.Errorf("publishing: %w", err)
	}
	return r, nil
}

func (o *Office) publish(authority crypto.Signer) (*record.Result, error) {
	unlock, err := o.lock(alone)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := o.tidy(); err != nil {
		return nil, err
	}
	a, hash, err := o.recheck(o.Workers, o.Progress)
	if err != nil {
		return nil, err
	}
	answers, err := o.checkedAnswers(a, hash)
	if err != nil {
		return nil, err
	}
	r, err := tally.Decide(o.e, a, answers, authority)
	if err != nil {
		return nil, err
	}
	if err := putDocument(o.path(record.ResultFile), r); err != nil {
		return nil, err
	}
	inventory := &record.Signed[record.Inventory]{}
	if inventory.Body, err = record.TakeInventory(o.e, o.FS()); err != nil {
		return nil, err
	}
	if err := tally.Sign(o.e, inventory, authority); err != nil {
		return nil, err
	}
	return &r.Body, putDocument(o.path(record.InventoryFile), inventory)
}
