package jinja

import (
	"fmt"
	"strings"
)

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
