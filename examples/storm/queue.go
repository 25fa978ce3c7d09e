package main

import "time"

// A flight is a call that is under way.
type flight struct {
	at       time.Duration // of what happens next
	turn     int           // of two things at one time
	began    time.Duration
	client   int
	number   int // of the client's calls
	attempt  int
	answered bool // next is the answer's arrival, not an attempt
	answer   answer
	call     call
}

// A queue is a heap of what happens next.
type queue []*flight

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].turn < q[j].turn
}

func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

func (q *queue) Push(f any) { *q = append(*q, f.(*flight)) } //nolint:forcetypeassert // ours alone

func (q *queue) Pop() any {
	last := len(*q) - 1
	f := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return f
}
