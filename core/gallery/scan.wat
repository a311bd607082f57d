;; The inner loops of a search; `compile-scan.ts` compiles this file into scan.wasm, `layout.ts` says where things lie, and
;; `bound.ts` proves that what is sifted out here cannot be among the nearest.
;;
;; An 8-bit code of a number, 1 to 255, is kept as two planes of 4 bits, `high` and `low`. Both hold 32 numbers of a face
;; in 16 bytes: byte j has number j in its lower four bits and number 16 + j in its upper ones. The query is given as signed
;; bytes, -127 to 127, in the order of the numbers.
;;
;; Products are summed in 16 bits first. One of them is at most 15 * 127, each lane gets four from 32 numbers, and after
;; 128 numbers the sums go to 32 bits: 16 * 15 * 127 = 30480 always fits. The `relaxed` product is exact for such numbers
;; on every machine; only where its second factor does not fit in seven bits may machines differ.

(module
  (import "gallery" "memory" (memory 1 65536 shared))

  ;; Reads the high planes of a block. Its faces lie in groups of four: 16 bytes of each, then the next 16 of each, so
  ;; that memory is read in one stream. Writes to `out`, for every face that may be among the nearest, 16 bytes: its row,
  ;; its coarse product, twice the sum of high * query less `middle`, and the bound. A face may be, where
  ;;     bound = scale * product + error * spread >= least
  ;; Rows are read in fours; those past the end hold zeros. Gives how many it wrote; and at `bests`, of every fourth face,
  ;; the greatest scale * product of those in whose four somebody may be.
  (func (export "scan")
    (param $high i32) (param $scales i32) (param $errors i32) (param $rows i32) (param $width i32)
    (param $query i32) (param $middle i32) (param $spread f32) (param $least f32)
    (param $out i32) (param $bests i32)
    (result i32)
    (local $row i32) (local $end i32) (local $stop i32) (local $q i32) (local $hits i32) (local $start i32)
    (local $q0 v128) (local $q1 v128) (local $x v128) (local $nibble v128) (local $ones v128) (local $best v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $e v128) (local $f v128) (local $g v128) (local $h v128)
    (local.set $start (local.get $out))
    (local.set $nibble (i8x16.splat (i32.const 15)))
    (local.set $ones (i16x8.splat (i32.const 1)))
    (local.set $best (f32x4.splat (f32.const -inf)))
    (loop $groups
      (local.set $a (v128.const i32x4 0 0 0 0))
      (local.set $b (v128.const i32x4 0 0 0 0))
      (local.set $c (v128.const i32x4 0 0 0 0))
      (local.set $d (v128.const i32x4 0 0 0 0))
      (local.set $q (local.get $query))
      ;; Four faces at half a byte a number.
      (local.set $end (i32.add (local.get $high) (i32.shl (local.get $width) (i32.const 1))))
      (loop $sums
        (local.set $e (v128.const i32x4 0 0 0 0))
        (local.set $f (v128.const i32x4 0 0 0 0))
        (local.set $g (v128.const i32x4 0 0 0 0))
        (local.set $h (v128.const i32x4 0 0 0 0))
        (local.set $stop (i32.add (local.get $high) (i32.const 256)))
        (local.set $stop (select (local.get $stop) (local.get $end) (i32.lt_u (local.get $stop) (local.get $end))))
        ;; A short loop: of a longer one the engine keeps half of the numbers in memory, which takes twice the time.
        (loop $numbers
          (local.set $q0 (v128.load (local.get $q)))
          (local.set $q1 (v128.load offset=16 (local.get $q)))
          (local.set $x (v128.load (local.get $high)))
          (local.set $e (i16x8.add (local.get $e) (i16x8.add
            (i16x8.relaxed_dot_i8x16_i7x16_s (local.get $q0) (v128.and (local.get $x) (local.get $nibble)))
            (i16x8.relaxed_dot_i8x16_i7x16_s (local.get $q1)
              (v128.and (i16x8.shr_u (local.get $x) (i32.const 4)) (local.get $nibble))))))
          (local.set $x (v128.load offset=16 (local.get $high)))
          (local.set $f (i16x8.add (local.get $f) (i16x8.add
            (i16x8.relaxed_dot_i8x16_i7x16_s (local.get $q0) (v128.and (local.get $x) (local.get $nibble)))
            (i16x8.relaxed_dot_i8x16_i7x16_s (local.get $q1)
              (v128.and (i16x8.shr_u (local.get $x) (i32.const 4)) (local.get $nibble))))))
          (local.set $x (v128.load offset=32 (local.get $high)))
          (local.set $g (i16x8.add (local.get $g) (i16x8.add
            (i16x8.relaxed_dot_i8x16_i7x16_s (local.get $q0) (v128.and (local.get $x) (local.get $nibble)))
            (i16x8.relaxed_dot_i8x16_i7x16_s (local.get $q1)
              (v128.and (i16x8.shr_u (local.get $x) (i32.const 4)) (local.get $nibble))))))
          (local.set $x (v128.load offset=48 (local.get $high)))
          (local.set $h (i16x8.add (local.get $h) (i16x8.add
            (i16x8.relaxed_dot_i8x16_i7x16_s (local.get $q0) (v128.and (local.get $x) (local.get $nibble)))
            (i16x8.relaxed_dot_i8x16_i7x16_s (local.get $q1)
              (v128.and (i16x8.shr_u (local.get $x) (i32.const 4)) (local.get $nibble))))))
          (local.set $q (i32.add (local.get $q) (i32.const 32)))
          (local.set $high (i32.add (local.get $high) (i32.const 64)))
          (br_if $numbers (i32.lt_u (local.get $high) (local.get $stop))))
        (local.set $a (i32x4.add (local.get $a) (i32x4.dot_i16x8_s (local.get $e) (local.get $ones))))
        (local.set $b (i32x4.add (local.get $b) (i32x4.dot_i16x8_s (local.get $f) (local.get $ones))))
        (local.set $c (i32x4.add (local.get $c) (i32x4.dot_i16x8_s (local.get $g) (local.get $ones))))
        (local.set $d (i32x4.add (local.get $d) (i32x4.dot_i16x8_s (local.get $h) (local.get $ones))))
        (br_if $sums (i32.lt_u (local.get $high) (local.get $end))))

      ;; The four sums of four lanes each, side by side.
      (local.set $a (i32x4.add
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b))
        (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b))))
      (local.set $c (i32x4.add
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d))
        (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d))))
      (local.set $a (i32x4.add
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $a) (local.get $c))
        (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $a) (local.get $c))))
      (local.set $a (i32x4.sub (i32x4.shl (local.get $a) (i32.const 1)) (i32x4.splat (local.get $middle))))

      (local.set $b (f32x4.mul
        (v128.load (i32.add (local.get $scales) (i32.shl (local.get $row) (i32.const 2))))
        (f32x4.convert_i32x4_s (local.get $a))))
      (local.set $c (f32x4.add (local.get $b) (f32x4.mul
        (v128.load (i32.add (local.get $errors) (i32.shl (local.get $row) (i32.const 2))))
        (f32x4.splat (local.get $spread)))))
      (local.set $hits (i32x4.bitmask (f32x4.ge (local.get $c) (f32x4.splat (local.get $least)))))
      (if (local.get $hits) (then
        (local.set $best (f32x4.pmax (local.get $best) (local.get $b)))
        ;; Written for all four, and only kept for those it is meant for: cheaper than to ask four times.
        (i32.store (local.get $out) (local.get $row))
        (i32.store offset=4 (local.get $out) (i32x4.extract_lane 0 (local.get $a)))
        (f32.store offset=8 (local.get $out) (f32x4.extract_lane 0 (local.get $c)))
        (local.set $out (i32.add (local.get $out) (i32.shl (i32.and (local.get $hits) (i32.const 1)) (i32.const 4))))
        (i32.store (local.get $out) (i32.add (local.get $row) (i32.const 1)))
        (i32.store offset=4 (local.get $out) (i32x4.extract_lane 1 (local.get $a)))
        (f32.store offset=8 (local.get $out) (f32x4.extract_lane 1 (local.get $c)))
        (local.set $out (i32.add (local.get $out) (i32.shl (i32.and (local.get $hits) (i32.const 2)) (i32.const 3))))
        (i32.store (local.get $out) (i32.add (local.get $row) (i32.const 2)))
        (i32.store offset=4 (local.get $out) (i32x4.extract_lane 2 (local.get $a)))
        (f32.store offset=8 (local.get $out) (f32x4.extract_lane 2 (local.get $c)))
        (local.set $out (i32.add (local.get $out) (i32.shl (i32.and (local.get $hits) (i32.const 4)) (i32.const 2))))
        (i32.store (local.get $out) (i32.add (local.get $row) (i32.const 3)))
        (i32.store offset=4 (local.get $out) (i32x4.extract_lane 3 (local.get $a)))
        (f32.store offset=8 (local.get $out) (f32x4.extract_lane 3 (local.get $c)))
        (local.set $out (i32.add (local.get $out) (i32.shl (i32.and (local.get $hits) (i32.const 8)) (i32.const 1))))))
      (br_if $groups (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 4))) (local.get $rows))))
    (v128.store (local.get $bests) (local.get $best))
    (i32.shr_u (i32.sub (local.get $out) (local.get $start)) (i32.const 4)))

  ;; Looks once more at `count` faces, at least one, that `scan` wrote to `list`. Of those whose bound is `coarse_least` or
  ;; more it looks at the low planes, and keeps at the head of the list the rows of those that may still be among the
  ;; nearest, which is where
  ;;     scale * (8 * coarse product + sum of low * query - middle) + error * spread >= least
  ;; The low planes lie one face after another. Gives how many rows it kept.
  (func (export "sift")
    (param $low i32) (param $scales i32) (param $errors i32) (param $list i32) (param $count i32) (param $width i32)
    (param $query i32) (param $middle i32) (param $coarse_least f32) (param $spread f32) (param $least f32)
    (result i32)
    (local $start i32) (local $row i32) (local $p i32) (local $end i32) (local $part i32) (local $q i32)
    (local $kept i32) (local $stop i32) (local $touched i32)
    (local $x v128) (local $sum v128) (local $short v128) (local $nibble v128)
    (local.set $nibble (i8x16.splat (i32.const 15)))
    (local.set $start (local.get $list))
    (local.set $stop (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 4))))
    (local.set $width (i32.shr_u (local.get $width) (i32.const 1)))

    (local.set $kept (local.get $list))
    (loop $faces
      (v128.store (local.get $kept) (v128.load (local.get $list)))
      (local.set $kept (i32.add (local.get $kept) (i32.shl
        (f32.ge (f32.load offset=8 (local.get $list)) (local.get $coarse_least))
        (i32.const 4))))
      (br_if $faces (i32.lt_u (local.tee $list (i32.add (local.get $list) (i32.const 16))) (local.get $stop))))
    (if (i32.eq (local.get $kept) (local.get $start)) (then (return (i32.const 0))))
    (local.set $stop (local.get $kept))

    ;; They are scattered: asked for all at once, they come from memory side by side and not one after another.
    (local.set $list (local.get $start))
    (loop $faces
      (local.set $p (i32.add (local.get $low) (i32.mul (i32.load (local.get $list)) (local.get $width))))
      (local.set $end (i32.add (local.get $p) (local.get $width)))
      (loop $lines
        (local.set $touched (i32.or (local.get $touched) (i32.load (local.get $p))))
        (br_if $lines (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 64))) (local.get $end))))
      (br_if $faces (i32.lt_u (local.tee $list (i32.add (local.get $list) (i32.const 16))) (local.get $stop))))
    ;; Where nobody looks: what has no use would not be read.
    (i32.store offset=12 (local.get $start) (local.get $touched))

    (local.set $list (local.get $start))
    (local.set $kept (local.get $list))
    (loop $faces
      (local.set $row (i32.load (local.get $list)))
      (local.set $p (i32.add (local.get $low) (i32.mul (local.get $row) (local.get $width))))
      (local.set $end (i32.add (local.get $p) (local.get $width)))
      (local.set $q (local.get $query))
      (local.set $sum (v128.const i32x4 0 0 0 0))
      (loop $sums
        (local.set $short (v128.const i32x4 0 0 0 0))
        (local.set $part (i32.add (local.get $p) (i32.const 64)))
        (local.set $part (select (local.get $part) (local.get $end) (i32.lt_u (local.get $part) (local.get $end))))
        (loop $numbers
          (local.set $x (v128.load (local.get $p)))
          (local.set $short (i16x8.add (local.get $short) (i16x8.add
            (i16x8.relaxed_dot_i8x16_i7x16_s (v128.load (local.get $q)) (v128.and (local.get $x) (local.get $nibble)))
            (i16x8.relaxed_dot_i8x16_i7x16_s (v128.load offset=16 (local.get $q))
              (v128.and (i16x8.shr_u (local.get $x) (i32.const 4)) (local.get $nibble))))))
          (local.set $q (i32.add (local.get $q) (i32.const 32)))
          (br_if $numbers (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 16))) (local.get $part))))
        (local.set $sum (i32x4.add (local.get $sum)
          (i32x4.dot_i16x8_s (local.get $short) (i16x8.splat (i32.const 1)))))
        (br_if $sums (i32.lt_u (local.get $p) (local.get $end))))
      ;; Never ahead of what is still to be read.
      (i32.store (local.get $kept) (local.get $row))
      (if
        (f32.ge
          (f32.add
            (f32.mul
              (f32.load (i32.add (local.get $scales) (i32.shl (local.get $row) (i32.const 2))))
              (f32.convert_i32_s (i32.add
                (i32.shl (i32.load offset=4 (local.get $list)) (i32.const 3))
                (i32.sub (call $lanes (local.get $sum)) (local.get $middle)))))
            (f32.mul
              (f32.load (i32.add (local.get $errors) (i32.shl (local.get $row) (i32.const 2))))
              (local.get $spread)))
          (local.get $least))
        (then (local.set $kept (i32.add (local.get $kept) (i32.const 4)))))
      (br_if $faces (i32.lt_u (local.tee $list (i32.add (local.get $list) (i32.const 16))) (local.get $stop))))
    (i32.shr_u (i32.sub (local.get $kept) (local.get $start)) (i32.const 2)))

  (func $lanes (param $sum v128) (result i32)
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
      (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))

  ;; The product of two faces in doubles, always summed in the same order: equal faces get equal cosines, to the last bit.
  (func (export "product") (param $face i32) (param $query i32) (param $width i32) (result f64)
    (local $end i32) (local $x v128) (local $y v128) (local $a v128) (local $b v128)
    (local.set $end (i32.add (local.get $face) (i32.shl (local.get $width) (i32.const 2))))
    (loop $numbers
      (local.set $x (v128.load (local.get $face)))
      (local.set $y (v128.load (local.get $query)))
      (local.set $a (f64x2.add (local.get $a)
        (f64x2.mul (f64x2.promote_low_f32x4 (local.get $x)) (f64x2.promote_low_f32x4 (local.get $y)))))
      (local.set $x (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $x) (local.get $x)))
      (local.set $y (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $y) (local.get $y)))
      (local.set $b (f64x2.add (local.get $b)
        (f64x2.mul (f64x2.promote_low_f32x4 (local.get $x)) (f64x2.promote_low_f32x4 (local.get $y)))))
      (local.set $query (i32.add (local.get $query) (i32.const 16)))
      (br_if $numbers (i32.lt_u (local.tee $face (i32.add (local.get $face) (i32.const 16))) (local.get $end))))
    (f64.add
      (f64.add (f64x2.extract_lane 0 (local.get $a)) (f64x2.extract_lane 1 (local.get $a)))
      (f64.add (f64x2.extract_lane 0 (local.get $b)) (f64x2.extract_lane 1 (local.get $b))))))
