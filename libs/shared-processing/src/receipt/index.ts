export {
  bundleKeyOfReceipt,
  MAX_RECEIPT_BYTES,
  onDiskAt,
  parseReceipt,
  type Receipt,
  RECEIPT_PREFIX,
  ReceiptError,
  receiptKey,
  type ReceiptLayout,
  receiptLayouts,
  serializeReceipt,
} from './receipt.ts';
