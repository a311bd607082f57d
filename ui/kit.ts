import { Button, IconButton } from './components/button.ts';
import { ChecksField, RadiosField, Segmented, SelectField, SwitchField } from './components/choices.ts';
import { confirm, Dialog } from './components/dialog.ts';
import { Field, NumberField, PasswordField, TextField, TimeField, tied } from './components/fields.ts';
import { Bars, Meter, Stat } from './components/figures.ts';
import { Form, useForm } from './components/form.ts';
import { Icon } from './components/icon.ts';
import { Card, Facts, Grid, Page, Row, Split, Stack } from './components/layout.ts';
import { newNoticeRule } from './components/new-notice-rule.ts';
import { NoticeRuleFields, noticeRuleErrors } from './components/notice-rule.ts';
import { Picture } from './components/picture.ts';
import { Empty, ErrorState, Loaded, Progress, Skeleton } from './components/states.ts';
import { Badge, Notice, Status } from './components/status.ts';
import { FilterBar, Pager, Table } from './components/table.ts';
import { Code, copy, Time } from './components/text.ts';
import { Tiles } from './components/tiles.ts';
import { toast } from './components/toast.ts';
import { WhereWhenFields } from './components/where-when.ts';
import { useData, useLive, useNow } from './hooks.ts';
import { go, href, setParams } from './router.ts';
import { spanTimes, whereWhenOf, wholeParam } from './where-when.ts';
import { alarmKind, cameraLabel } from './words.ts';
import { startOfDay } from './zone.ts';

/** Everything a page may use, as `props.ui`. Each part is documented where it is made; `ui/README.md` shows them. */
export const kit = {
  // frame and layout
  Page,
  Card,
  Stack,
  Row,
  Grid,
  Split,
  Facts,
  // words, states, figures
  Icon,
  Status,
  Badge,
  Notice,
  Stat,
  Meter,
  Bars,
  Time,
  Code,
  alarmKind,
  cameraLabel,
  Picture,
  // acts
  Button,
  IconButton,
  Dialog,
  confirm,
  toast,
  copy,
  // forms
  Form,
  useForm,
  Field,
  tied,
  TextField,
  PasswordField,
  NumberField,
  TimeField,
  SelectField,
  SwitchField,
  ChecksField,
  RadiosField,
  Segmented,
  // of which alarms somebody is told
  NoticeRuleFields,
  noticeRuleErrors,
  newNoticeRule,
  // lists
  Table,
  Tiles,
  Pager,
  FilterBar,
  WhereWhenFields,
  // while there is nothing, or it failed, or it takes long
  Empty,
  ErrorState,
  Skeleton,
  Loaded,
  Progress,
  // data
  useData,
  useLive,
  useNow,
  // addresses
  href,
  go,
  setParams,
  whereWhenOf,
  wholeParam,
  spanTimes,
  startOfDay,
} as const;

export type Kit = typeof kit;
