import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskedFileName, readFileName } from './file-name.ts';

/** What names of files say, and what of it lists show. */

test('names of files say who it is', () => {
  const table: [string, string][] = [
    // file, then name|id|identity|gender|age|address
    ['zhangsan_asdqwe12345_32011111_0_23_beijing.jpg', 'zhangsan|asdqwe12345|32011111|0|23|beijing'],
    ['张三_a1_#_1_#_北京市.PNG', '张三|a1||1||北京市'],
    ['#_#_#_#_#_#.jpg', '|||||'],
    ['_____.jpg', '|||||'],
    ['Ann 😀_x_1_0_7_here.jpeg', 'Ann 😀|x|1|0|7|here'],
    ['anna_v214_1654673649_1389_0_#_1_30_home.bmp', 'anna|v214_1654673649_1389_0||1|30|home'],
    ['anna_a1_#_1_30_5_east_road.tif', 'anna|a1||1|30|5_east_road'],
    ['anna_a_b_#_1_30_5_east_road.tiff', 'anna|a_b||1|30|5_east_road'],
    ['anna_a1_1_0_1_0.jpg', 'anna|a1|1|0|1|0'],
    // An identity number never becomes a piece of an id, whatever stands in the address.
    ['anna_1001_110101199001011234_0_30_Block_1_25_East.jpg', 'anna|1001|110101199001011234|0|30|Block_1_25_East'],
    ['anna_1001_110101199001011234_#_#_Block_1_25_East.jpg', 'anna|1001|110101199001011234|||Block_1_25_East'],
    ['anna_1001_110101199001011234_1_#_Block_1_25_East.jpg', 'anna|1001|110101199001011234|1||Block_1_25_East'],
    ['anna_a_b_11010119900101123X_0_30_Block_1_25_East.jpg', 'anna|a_b|11010119900101123X|0|30|Block_1_25_East'],
    ['anna_v214_165_0_0_#_1_30_5_east_road.jpg', 'anna|v214_165_0_0||1|30|5_east_road'],
    ['anna_a_b_#_#_#_12_east_road.jpg', 'anna|a_b||||12_east_road'],
    ['anna_1001_110101199001011234_#_1_25_East.jpg', 'anna|1001|110101199001011234||1|25_East'],
    ['anna_110101199001011234_#_1_25_East.jpg', 'anna|110101199001011234||1|25|East'],
    ['folder\\sub/lisi_b_2_1_41_shanghai.jpg', 'lisi|b|2|1|41|shanghai'],
    ['lisi_b_2_1_41_St. Louis', 'lisi|b|2|1|41|St. Louis'],
    [' a _ b _ # _ 0 _ 1 _ c .jpg', 'a|b||0|1|c'],
    ['haha.jpg', 'haha|||||'],
    ['two_parts.jpg', 'two_parts|||||'],
    ['a_b_c_d_e.jpg', 'a_b_c_d_e|||||'],
    ['#.jpg', '|||||'],
    ['.jpg', '|||||'],
    ['', '|||||'],
    ['Cafe\u0301_1_#_#_#_#.jpg', 'Café|1||||'],
  ];
  for (const [name, told] of table) {
    const { imgId, person } = readFileName(name);
    const { name: called, idcard, gender, age, address } = person;
    assert.equal([called, imgId, idcard, gender, age, address].join('|'), told, name);
  }
  for (const wrong of ['a_b_c_2_23_d.jpg', 'a_b_c_0_1000_d.jpg', 'a_b_c_male_23_d.jpg', 'a_b_c_d_e_f_g.jpg']) {
    assert.throws(() => readFileName(wrong), { code: -3596 }, wrong);
  }
});

test('a name of any length is read in no time', { timeout: 20_000 }, () => {
  assert.throws(() => readFileName(`anna_${'1_'.repeat(500_000)}#_#`), { code: -3596 });
});

test('lists show names of files without identity and address', () => {
  for (const [name, shown] of [
    ['zhangsan_a1_32011111_0_23_beijing.jpg', 'zhangsan_a1_******_0_23_******.jpg'],
    ['anna_a_b_110_1_30_5_east_road.TIFF', 'anna_a_b_******_1_30_******.TIFF'],
    ['staff/lisi_taken_#_1_41_#.jpg', 'staff/lisi_taken_#_1_41_#.jpg'],
    ['lisi_a1__1_41_.jpg', 'lisi_a1__1_41_.jpg'],
    ['a_b_110_male_23_beijing_east.jpg', 'a_b_******.jpg'],
    ['two_parts.jpg', 'two_parts.jpg'],
    ['', ''],
  ] as const) {
    assert.equal(maskedFileName(name), shown, name);
  }
});
