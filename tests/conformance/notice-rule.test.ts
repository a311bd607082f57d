import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noticeRule } from '../../core/events/notice-rule.ts';
import { newNoticeRule } from '../../ui/components/new-notice-rule.ts';

test('the form of a new receiver begins with what the box would take for a rule that says nothing', () => {
  assert.deepEqual(newNoticeRule, noticeRule.parse({}));
});
