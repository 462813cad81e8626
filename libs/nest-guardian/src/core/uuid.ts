/** Whether a column of ids can be asked about it. In capitals, too: whoever compares texts has to lower them. */
export const isUuid = (text: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
