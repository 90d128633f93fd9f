package jinja

import (
	"fmt"
	"math"
)

// eval computes an expression.
func (s *state) eval(e expr) (any, error) {
	if err := s.step(); err != nil {
		return nil, err
	}
	switch e := e.(type) {
	case constExpr:
		return e.value, nil
	case nameExpr:
		return s.lookup(e.name), nil
	case listExpr:
		items, err := s.evalAll(e.items)
		if err != nil {
			return nil, err
		}
		return items, s.weigh(items, nil)
	case dictExpr:
		return s.evalDict(e)
	case attrExpr:
		of, err := s.eval(e.of)
		if err != nil {
			return nil, err
		}
		return member(of, e.name)
	case indexExpr:
		return s.evalIndex(e)
	case sliceExpr:
		return s.evalSlice(e)
	case unaryExpr:
		return s.evalUnary(e)
	case binaryExpr:
		return s.evalBinary(e)
	case condExpr:
		cond, err := s.eval(e.cond)
		switch {
		case err != nil:
			return nil, err
		case truth(cond):
			return s.eval(e.then)
		case e.other != nil:
			return s.eval(e.other)
		}
		return undefined{}, nil
	case testExpr:
		return s.evalTest(e)
	case callExpr:
		return s.evalCall(e)
	}
	return nil, fmt.Errorf("%w: unknown expression", ErrRender)
}

func (s *state) evalAll(list []expr) ([]any, error) {
	values := make([]any, len(list))
	for i, item := range list {
		v, err := s.eval(item)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

func (s *state) evalDict(e dictExpr) (any, error) {
	d := NewDict()
	for i := range e.keys {
		key, err := s.eval(e.keys[i])
		if err != nil {
			return nil, err
		}
		value, err := s.eval(e.values[i])
		if err != nil {
			return nil, err
		}
		d.Set(text(key), value)
	}
	return d, s.weigh(d, nil)
}

// member is an attribute of a value.
func member(of any, name string) (any, error) {
	switch of := of.(type) {
	case *Dict:
		return of.get(name), nil
	case undefined:
		return nil, fmt.Errorf("%w: %q of undefined %q", ErrRender, name, of.name)
	}
	return undefined{name}, nil
}

func (s *state) evalIndex(e indexExpr) (any, error) {
	of, err := s.eval(e.of)
	if err != nil {
		return nil, err
	}
	index, err := s.eval(e.index)
	if err != nil {
		return nil, err
	}
	if key, ok := index.(string); ok {
		return member(of, key)
	}
	n, ok := index.(int64)
	if !ok {
		return undefined{text(index)}, nil
	}
	switch of := of.(type) {
	case []any:
		if i, ok := position(n, len(of)); ok {
			return of[i], nil
		}
	case string:
		runes := []rune(of)
		if i, ok := position(n, len(runes)); ok {
			return string(runes[i]), nil
		}
	case undefined:
		return nil, fmt.Errorf("%w: index of undefined %q", ErrRender, of.name)
	}
	return undefined{text(index)}, nil
}

// position turns an index that may count from the end into one from the start.
func position(n int64, length int) (int, bool) {
	if n < 0 {
		n += int64(length)
	}
	return int(n), n >= 0 && n < int64(length)
}

func (s *state) evalSlice(e sliceExpr) (any, error) {
	of, err := s.eval(e.of)
	if err != nil {
		return nil, err
	}
	limits := [2]int64{0, math.MaxInt32}
	for i, part := range []expr{e.from, e.to} {
		if part == nil {
			continue
		}
		v, err := s.eval(part)
		if err != nil {
			return nil, err
		}
		n, ok := v.(int64)
		if !ok {
			return nil, fmt.Errorf("%w: slice by %s", ErrRender, repr(v))
		}
		limits[i] = n
	}
	switch of := of.(type) {
	case []any:
		from, to := clip(limits, len(of))
		return of[from:to], nil
	case string:
		runes := []rune(of)
		from, to := clip(limits, len(runes))
		return string(runes[from:to]), nil
	}
	return nil, fmt.Errorf("%w: slice of %s", ErrRender, repr(of))
}

// clip brings slice limits into a length.
func clip(limits [2]int64, length int) (from, to int) {
	for i, n := range limits {
		if n < 0 {
			n += int64(length)
		}
		limits[i] = min(max(n, 0), int64(length))
	}
	return int(limits[0]), int(max(limits[0], limits[1]))
}
