package chat

import (
	"fmt"
	"math"
	"strings"
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

func (s *state) evalUnary(e unaryExpr) (any, error) {
	v, err := s.eval(e.of)
	if err != nil {
		return nil, err
	}
	if e.op == "not" {
		return !truth(v), nil
	}
	sign := int64(1)
	if e.op == "-" {
		sign = -1
	}
	switch v := v.(type) {
	case int64:
		return sign * v, nil
	case float64:
		return float64(sign) * v, nil
	}
	return nil, fmt.Errorf("%w: %s%s", ErrRender, e.op, repr(v))
}

func (s *state) evalBinary(e binaryExpr) (any, error) {
	left, err := s.eval(e.left)
	if err != nil {
		return nil, err
	}
	switch e.op {
	case "and":
		if !truth(left) {
			return left, nil
		}
		return s.eval(e.right)
	case "or":
		if truth(left) {
			return left, nil
		}
		return s.eval(e.right)
	}
	right, err := s.eval(e.right)
	if err != nil {
		return nil, err
	}
	switch e.op {
	case "==":
		return equal(left, right), nil
	case "!=":
		return !equal(left, right), nil
	case "in":
		return holds(right, left)
	case "~":
		joined := text(left) + text(right)
		s.steps += len(joined) / 64
		return joined, s.step()
	case "<", "<=", ">", ">=":
		return ordered(e.op, left, right)
	}
	v, err := arithmetic(e.op, left, right)
	if err != nil {
		return nil, err
	}
	if text, ok := v.(string); ok {
		s.steps += len(text) / 64 // a text that doubles with every step stays bounded
	}
	return v, s.weigh(v, nil)
}

// holds reports whether item is in a container.
func holds(container, item any) (any, error) {
	switch c := container.(type) {
	case string:
		part, ok := item.(string)
		return ok && strings.Contains(c, part), nil
	case []any:
		for _, v := range c {
			if equal(v, item) {
				return true, nil
			}
		}
		return false, nil
	case *Dict:
		key, ok := item.(string)
		_, found := c.values[key]
		return ok && found, nil
	case undefined:
		return false, nil
	}
	return nil, fmt.Errorf("%w: in %s", ErrRender, repr(container))
}

func ordered(op string, left, right any) (any, error) {
	order := 0
	a, okA := left.(string)
	b, okB := right.(string)
	if okA && okB {
		order = strings.Compare(a, b)
	} else {
		x, okX := numberOf(left)
		y, okY := numberOf(right)
		if !okX || !okY {
			return nil, fmt.Errorf("%w: %s %s %s", ErrRender, repr(left), op, repr(right))
		}
		switch {
		case x < y:
			order = -1
		case x > y:
			order = 1
		}
	}
	switch op {
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	case ">":
		return order > 0, nil
	}
	return order >= 0, nil
}

func arithmetic(op string, left, right any) (any, error) {
	if a, ok := left.(string); ok && op == "+" {
		if b, ok := right.(string); ok {
			return a + b, nil
		}
	}
	if a, ok := left.([]any); ok && op == "+" {
		if b, ok := right.([]any); ok {
			return append(append([]any{}, a...), b...), nil
		}
	}
	a, okA := left.(int64)
	b, okB := right.(int64)
	if okA && okB && op != "/" {
		return integers(op, a, b)
	}
	x, okX := numberOf(left)
	y, okY := numberOf(right)
	if okX && okY {
		switch op {
		case "+":
			return x + y, nil
		case "-":
			return x - y, nil
		case "*":
			return x * y, nil
		case "/":
			if y != 0 {
				return x / y, nil
			}
		}
	}
	return nil, fmt.Errorf("%w: %s %s %s", ErrRender, repr(left), op, repr(right))
}

// integers computes with whole numbers; division and remainder round down.
func integers(op string, a, b int64) (any, error) {
	switch op {
	case "+":
		return a + b, nil
	case "-":
		return a - b, nil
	case "*":
		return a * b, nil
	}
	if b == 0 {
		return nil, fmt.Errorf("%w: division by zero", ErrRender)
	}
	quotient, remainder := a/b, a%b
	if remainder != 0 && (remainder < 0) != (b < 0) {
		quotient, remainder = quotient-1, remainder+b
	}
	if op == "//" {
		return quotient, nil
	}
	return remainder, nil
}
