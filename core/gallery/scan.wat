;; The inner loops of a search; `compile-scan.ts` compiles this file into scan.wasm, `layout.ts` says where things lie, and
;; `bound.ts` proves that what is sifted out here cannot be among the nearest.
;;
;; An 8-bit code of a number, 1 to 255, is kept as two planes of 4 bits, `high` and `low`. Both hold 32 numbers of a face
;; in 16 bytes: lane j of its eight 16-bit lanes has numbers j, 8 + j, 16 + j and 24 + j, from the lowest four bits up; of
;; the fourth, 8 is taken away, so that the lane is a signed number
;;     x = a + 16 b + 256 c + 4096 d
;; Nothing has to be cut out of it: with the query's numbers k, l, m, n for these four,
;;     a k + b l + c m + d n = x k + (x >> 4) (l - 16 k) + (x >> 8) (m - 16 l) + (x >> 12) (n - 16 m)
;; and the query is given in this form, eight times k, eight times l - 16 k, and so on. Sums may pass 32 bits on their way,
;; as long as they fit at the end.

(module
  (import "gallery" "memory" (memory 1 65536 shared))

  ;; Reads the high planes of a block. Its faces lie in groups of four: 16 bytes of each, then the next 16 of each, so
  ;; that memory is read in one stream. Writes to `out`, for every face that may be among the nearest, its row and its
  ;; coarse product, twice the sum of high * query less `middle`. A face may be, where
  ;;     scale * product + error * spread >= least
  ;; Rows are read in fours; those past the end hold zeros. Gives how many it wrote.
  (func (export "scan")
    (param $high i32) (param $scales i32) (param $errors i32) (param $rows i32) (param $width i32)
    (param $query i32) (param $middle i32) (param $spread f32) (param $least f32) (param $out i32)
    (result i32)
    (local $row i32) (local $end i32) (local $q i32) (local $hits i32) (local $start i32)
    (local $q0 v128) (local $q1 v128) (local $q2 v128) (local $q3 v128) (local $x v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $start (local.get $out))
    (loop $groups
      (local.set $a (v128.const i32x4 0 0 0 0))
      (local.set $b (v128.const i32x4 0 0 0 0))
      (local.set $c (v128.const i32x4 0 0 0 0))
      (local.set $d (v128.const i32x4 0 0 0 0))
      (local.set $q (local.get $query))
      ;; Four faces at half a byte a number.
      (local.set $end (i32.add (local.get $high) (i32.shl (local.get $width) (i32.const 1))))
      (loop $numbers
        (local.set $q0 (v128.load (local.get $q)))
        (local.set $q1 (v128.load offset=16 (local.get $q)))
        (local.set $q2 (v128.load offset=32 (local.get $q)))
        (local.set $q3 (v128.load offset=48 (local.get $q)))
        (local.set $x (v128.load (local.get $high)))
        (local.set $a (i32x4.add (local.get $a) (i32x4.add
          (i32x4.add
            (i32x4.dot_i16x8_s (local.get $x) (local.get $q0))
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 4)) (local.get $q1)))
          (i32x4.add
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 8)) (local.get $q2))
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 12)) (local.get $q3))))))
        (local.set $x (v128.load offset=16 (local.get $high)))
        (local.set $b (i32x4.add (local.get $b) (i32x4.add
          (i32x4.add
            (i32x4.dot_i16x8_s (local.get $x) (local.get $q0))
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 4)) (local.get $q1)))
          (i32x4.add
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 8)) (local.get $q2))
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 12)) (local.get $q3))))))
        (local.set $x (v128.load offset=32 (local.get $high)))
        (local.set $c (i32x4.add (local.get $c) (i32x4.add
          (i32x4.add
            (i32x4.dot_i16x8_s (local.get $x) (local.get $q0))
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 4)) (local.get $q1)))
          (i32x4.add
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 8)) (local.get $q2))
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 12)) (local.get $q3))))))
        (local.set $x (v128.load offset=48 (local.get $high)))
        (local.set $d (i32x4.add (local.get $d) (i32x4.add
          (i32x4.add
            (i32x4.dot_i16x8_s (local.get $x) (local.get $q0))
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 4)) (local.get $q1)))
          (i32x4.add
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 8)) (local.get $q2))
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 12)) (local.get $q3))))))
        (local.set $q (i32.add (local.get $q) (i32.const 64)))
        (local.set $high (i32.add (local.get $high) (i32.const 64)))
        (br_if $numbers (i32.lt_u (local.get $high) (local.get $end))))

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

      (local.set $hits (i32x4.bitmask (f32x4.ge
        (f32x4.add
          (f32x4.mul
            (v128.load (i32.add (local.get $scales) (i32.shl (local.get $row) (i32.const 2))))
            (f32x4.convert_i32x4_s (local.get $a)))
          (f32x4.mul
            (v128.load (i32.add (local.get $errors) (i32.shl (local.get $row) (i32.const 2))))
            (f32x4.splat (local.get $spread))))
        (f32x4.splat (local.get $least)))))
      (if (local.get $hits) (then
        ;; Written for all four, and only kept for those it is meant for: cheaper than to ask four times.
        (i32.store (local.get $out) (local.get $row))
        (i32.store offset=4 (local.get $out) (i32x4.extract_lane 0 (local.get $a)))
        (local.set $out (i32.add (local.get $out) (i32.shl (i32.and (local.get $hits) (i32.const 1)) (i32.const 3))))
        (i32.store (local.get $out) (i32.add (local.get $row) (i32.const 1)))
        (i32.store offset=4 (local.get $out) (i32x4.extract_lane 1 (local.get $a)))
        (local.set $out (i32.add (local.get $out) (i32.shl (i32.and (local.get $hits) (i32.const 2)) (i32.const 2))))
        (i32.store (local.get $out) (i32.add (local.get $row) (i32.const 2)))
        (i32.store offset=4 (local.get $out) (i32x4.extract_lane 2 (local.get $a)))
        (local.set $out (i32.add (local.get $out) (i32.shl (i32.and (local.get $hits) (i32.const 4)) (i32.const 1))))
        (i32.store (local.get $out) (i32.add (local.get $row) (i32.const 3)))
        (i32.store offset=4 (local.get $out) (i32x4.extract_lane 3 (local.get $a)))
        (local.set $out (i32.add (local.get $out) (i32.and (local.get $hits) (i32.const 8))))))
      (br_if $groups (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 4))) (local.get $rows))))
    (i32.shr_u (i32.sub (local.get $out) (local.get $start)) (i32.const 3)))

  ;; Looks at the low planes of `count` faces, at least one, that `scan` wrote to `list`, and keeps at its head the rows
  ;; of those that may still be among the nearest, which is where
  ;;     scale * (8 * coarse product + sum of low * query - middle) + error * spread >= least
  ;; The low planes lie one face after another. Gives how many rows it kept.
  (func (export "sift")
    (param $low i32) (param $scales i32) (param $errors i32) (param $list i32) (param $count i32) (param $width i32)
    (param $query i32) (param $middle i32) (param $spread f32) (param $least f32)
    (result i32)
    (local $row i32) (local $p i32) (local $end i32) (local $q i32) (local $kept i32) (local $stop i32) (local $touched i32)
    (local $x v128) (local $sum v128)
    (local.set $stop (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 3))))
    (local.set $width (i32.shr_u (local.get $width) (i32.const 1)))

    ;; They are scattered: asked for all at once, they come from memory side by side and not one after another.
    (local.set $kept (local.get $list))
    (loop $faces
      (local.set $p (i32.add (local.get $low) (i32.mul (i32.load (local.get $kept)) (local.get $width))))
      (local.set $end (i32.add (local.get $p) (local.get $width)))
      (loop $lines
        (local.set $touched (i32.or (local.get $touched) (i32.load (local.get $p))))
        (br_if $lines (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 64))) (local.get $end))))
      (br_if $faces (i32.lt_u (local.tee $kept (i32.add (local.get $kept) (i32.const 8))) (local.get $stop))))
    ;; Behind the list, where nobody looks: what has no use would not be read.
    (i32.store (local.get $stop) (local.get $touched))

    (local.set $kept (local.get $list))
    (loop $faces
      (local.set $row (i32.load (local.get $list)))
      (local.set $p (i32.add (local.get $low) (i32.mul (local.get $row) (local.get $width))))
      (local.set $end (i32.add (local.get $p) (local.get $width)))
      (local.set $q (local.get $query))
      (local.set $sum (v128.const i32x4 0 0 0 0))
      (loop $numbers
        (local.set $x (v128.load (local.get $p)))
        (local.set $sum (i32x4.add (local.get $sum) (i32x4.add
          (i32x4.add
            (i32x4.dot_i16x8_s (local.get $x) (v128.load (local.get $q)))
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 4)) (v128.load offset=16 (local.get $q))))
          (i32x4.add
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 8)) (v128.load offset=32 (local.get $q)))
            (i32x4.dot_i16x8_s (i16x8.shr_s (local.get $x) (i32.const 12)) (v128.load offset=48 (local.get $q)))))))
        (local.set $q (i32.add (local.get $q) (i32.const 64)))
        (br_if $numbers (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 16))) (local.get $end))))
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
      (br_if $faces (i32.lt_u (local.tee $list (i32.add (local.get $list) (i32.const 8))) (local.get $stop))))
    (i32.shr_u
      (i32.sub (local.get $kept) (i32.sub (local.get $stop) (i32.shl (local.get $count) (i32.const 3))))
      (i32.const 2)))

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
