import type { NoticeRule } from '../../core/events/notice-rule.ts';

/** What a rule is before anybody has chosen, as the box fills it in. */
export const newNoticeRule: NoticeRule = {
  kinds: [],
  cameras: [],
  from: '00:00',
  to: '00:00',
  perHour: 10,
  repeatMinutes: 5,
  demo: false,
};
