import { describe, expect, test } from 'vitest';
import { detectLanguage } from './detect-language.ts';

const SENTENCES = {
  de: 'Die Rechnung wurde zweimal abgebucht und niemand am Telefon konnte mir weiterhelfen.',
  en: 'The invoice was charged twice and nobody on the telephone was able to help me with it.',
  fr: 'La facture a été débitée deux fois et personne au téléphone n’a pu m’aider à ce sujet.',
  pl: 'Faktura została pobrana dwukrotnie i nikt przez telefon nie był w stanie mi pomóc.',
  el: 'Το τιμολόγιο χρεώθηκε δύο φορές και κανείς στο τηλέφωνο δεν μπόρεσε να με βοηθήσει.',
  ar: 'تم خصم الفاتورة مرتين ولم يستطع أحد على الهاتف مساعدتي في حل هذه المشكلة.',
  zh: '发票被扣了两次款，电话里没有人能帮我解决这个问题，我要求退款。',
  ja: '請求書が二回引き落とされましたが、電話では誰も助けてくれませんでした。',
};

describe('detectLanguage', () => {
  test.each(Object.entries(SENTENCES))('finds %s', (language, sentence) => {
    expect(detectLanguage(Array.from({ length: 40 }, () => sentence))).toBe(language);
    expect(detectLanguage([sentence, sentence, sentence])).toBe(language);
  });

  test('finds none in mixed, empty or too short texts', () => {
    const long = (text: string) => Array.from({ length: 60 }, () => text);
    expect(detectLanguage([...long(SENTENCES.de), ...long(SENTENCES.fr)])).toBeNull();
    expect(detectLanguage([])).toBeNull();
    expect(detectLanguage(['?', '12'])).toBeNull();
  });
});
