import { blob, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** One row per portrait database; times in ms since 1970 UTC. */
export const portraitDatabases = sqliteTable('portrait_databases', {
  /** Never used a second time. */
  libId: integer('lib_id').primaryKey({ autoIncrement: true }).notNull(),
  libName: text('lib_name').notNull().unique(),
  /** 1: key personnel, 2: whitelist. */
  libType: integer('lib_type').$type<1 | 2>().notNull(),
  /** Images in the database. */
  pictures: integer('picture_no').notNull().default(0),
  createTime: integer('create_time').notNull(),
  updateTime: integer('update_time').notNull(),
  /** It belongs to the demo site and leaves with it. */
  origin: text('origin', { enum: ['demo'] }),
  /** It is being deleted: nobody sees it any more, and nobody is put into it. */
  leaving: integer('leaving', { mode: 'boolean' }).notNull().default(false),
});

/** One row per enrolled picture. */
export const portraitImages = sqliteTable('portrait_images', {
  /** Never used a second time, so that nothing that still knows it can mean somebody else. */
  id: integer('id').primaryKey({ autoIncrement: true }).notNull(),
  libId: integer('lib_id').notNull(),
  /** Chosen by the client or allocated; unique in its database. */
  imgId: text('img_id').notNull(),
  /** Below `/ws/`. */
  imgPath: text('img_path').notNull(),
  personName: text('person_name').notNull(),
  /** '0' female, '1' male, ''. */
  personGender: text('person_gender').notNull(),
  personAge: text('person_age').notNull(),
  /** Sealed; '' where there is none. */
  personIdcard: text('person_idcard').notNull(),
  personAddr: text('person_addr').notNull(),
  /** Keyed hash of the picture's bytes as they came: the same picture is not taken twice. */
  digest: text('digest').notNull(),
  /** Path of the picture of a capture it was enrolled from, or ''. */
  takenFrom: text('taken_from').notNull().default(''),
  /** 0..100 */
  quality: integer('quality').notNull(),
  createTime: integer('create_time').notNull(),
  updateTime: integer('update_time').notNull(),
});

/** What a model makes of an enrolled picture: sealed 32-bit floats of length 1. */
export const portraitEmbeddings = sqliteTable(
  'portrait_embeddings',
  {
    image: integer('image').notNull(),
    model: text('model').notNull(),
    vector: blob('vector', { mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.image, table.model] })],
);

/** People who were erased, until everything else that shows them is gone as well. */
export const portraitErasures = sqliteTable(
  'portrait_erasures',
  {
    libId: integer('lib_id').notNull(),
    imgId: text('img_id').notNull(),
    /** Tells those apart who had the id one after the other; '' in notes from before it was noted: any of them. */
    imgPath: text('img_path').notNull(),
    erasedAt: integer('erased_at').notNull(),
    /** As of the picture. */
    takenFrom: text('taken_from').notNull().default(''),
  },
  (table) => [primaryKey({ columns: [table.libId, table.imgId, table.imgPath] })],
);

/** People of the demo whom somebody erased: they stay away until the demo site is removed. */
export const portraitAbsentees = sqliteTable(
  'portrait_absentees',
  {
    origin: text('origin', { enum: ['demo'] }).notNull(),
    libType: integer('lib_type').$type<1 | 2>().notNull(),
    imgId: text('img_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.origin, table.libType, table.imgId] })],
);

/** A batch of pictures sent by message, until a day after its end; times in ms since 1970 UTC. */
export const portraitBatches = sqliteTable('portrait_batches', {
  id: text('id').primaryKey().notNull(),
  libId: integer('lib_id').notNull(),
  /** As the client calls it. */
  uuid: text('uuid').notNull(),
  pictures: integer('pictures').notNull(),
  began: integer('began').notNull(),
  /** Null: its list is still to be made. */
  ended: integer('ended'),
  enrolled: integer('enrolled').notNull().default(0),
  /** The box ended before the batch did. */
  interrupted: integer('interrupted', { mode: 'boolean' }).notNull().default(false),
  /** Below `/ws/`, or ''. */
  listPath: text('list_path').notNull().default(''),
});

/** What became of each picture of a batch whose list is still to be made. */
export const portraitBatchPictures = sqliteTable(
  'portrait_batch_pictures',
  {
    batch: text('batch').notNull(),
    /** Its place in the batch. */
    at: integer('at').notNull(),
    /** Sealed: names of files are names of people. */
    file: text('file').notNull(),
    /** Number of the picture it was stored as, or of the one that was in its way. */
    image: integer('image'),
    imgId: text('img_id').notNull().default(''),
    /** Null: nothing yet. */
    code: integer('code'),
    text: text('text').notNull().default(''),
  },
  (table) => [primaryKey({ columns: [table.batch, table.at] })],
);
